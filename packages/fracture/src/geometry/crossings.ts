import { grown } from './grown.ts'

/** Up to so many vertices of a segment are kept sorted; more are sorted when they are asked for. */
const FEW = 24

/**
 * Which vertices lie on each segment, in the order in which it comes to them: a list a segment, in columns. Kept from polygon to
 * polygon.
 */
export class Crossings {
  #head = new Int32Array(256)
  #length = new Int32Array(256)
  #count = 0
  #next = new Int32Array(512)
  #vertex = new Int32Array(512)
  #place = new Float64Array(512)

  /** Forgets all, and has room for so many segments. */
  clear(segments: number): void {
    this.#head = grown(this.#head, segments)
    this.#length = grown(this.#length, segments)
    this.#head.fill(-1, 0, segments)
    this.#length.fill(0, 0, segments)
    this.#count = 0
  }

  /** Adds a vertex to a segment, at a place from 0 to 1. O(1). */
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
    if (this.#length[segment]!++ < FEW) {
      while (after >= 0 && this.#place[after]! <= place) {
        before = after
        after = this.#next[after]!
      }
    }
    this.#next[node] = after
    if (before < 0) this.#head[segment] = node
    else this.#next[before] = node
  }

  /** Puts all in order. To be called once all are added. */
  sort(segments: number): void {
    for (let segment = 0; segment < segments; segment++) if (this.#length[segment]! > FEW) this.#sortOne(segment)
  }

  #sortOne(segment: number): void {
    const nodes = new Int32Array(this.#length[segment]!)
    let node = this.#head[segment]!
    for (let i = 0; i < nodes.length; i++) {
      nodes[i] = node
      node = this.#next[node]!
    }
    nodes.sort((one, other) => this.#place[one]! - this.#place[other]!)
    this.#head[segment] = nodes[0]!
    for (let i = 0; i < nodes.length; i++) this.#next[nodes[i]!] = nodes[i + 1] ?? -1
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
