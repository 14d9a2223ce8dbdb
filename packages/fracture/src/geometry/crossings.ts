import { grown } from './grown.ts'

/**
 * Which vertices lie on each segment, in the order in which it comes to them: a sorted list a segment, in columns. Kept from polygon
 * to polygon.
 */
export class Crossings {
  #head = new Int32Array(256)
  #count = 0
  #next = new Int32Array(512)
  #vertex = new Int32Array(512)
  #place = new Float64Array(512)

  /** Forgets all, and has room for so many segments. */
  clear(segments: number): void {
    this.#head = grown(this.#head, segments)
    this.#head.fill(-1, 0, segments)
    this.#count = 0
  }

  /** Adds a vertex to a segment, at a place from 0 to 1. O(vertices that are on it). */
  add(segment: number, vertex: number, place: number): void {
    const node = this.#count++
    if (node >= this.#next.length) {
      this.#next = grown(this.#next, node + 1)
      this.#vertex = grown(this.#vertex, node + 1)
      this.#place = grown(this.#place, node + 1)
    }
    this.#vertex[node] = vertex
    this.#place[node] = place
    let before = -1
    let after = this.#head[segment]!
    while (after >= 0 && this.#place[after]! <= place) {
      before = after
      after = this.#next[after]!
    }
    this.#next[node] = after
    if (before < 0) this.#head[segment] = node
    else this.#next[before] = node
  }

  /** The first on a segment, or -1. */
  first(segment: number): number {
    return this.#head[segment]!
  }

  /** The one after, or -1. */
  next(node: number): number {
    return this.#next[node]!
  }

  vertexAt(node: number): number {
    return this.#vertex[node]!
  }
}
