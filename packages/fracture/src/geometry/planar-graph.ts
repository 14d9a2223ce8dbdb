import { grown } from './grown.ts'
import { orientation } from './orientation.ts'
import type { PlanarEdges } from './planar-edges.ts'

/**
 * What follows what around the faces of a planar graph. Each edge `e` is two half-edges: `2e` from its beginning to its end, `2e + 1`
 * back; a face is on the left of the half-edges around it.
 *
 * Edges that lead nowhere, because one end has no other edge, are left out. Kept from polygon to polygon; O(edges), where few edges
 * meet in a vertex; allocates nothing once it is large enough.
 */
export class PlanarGraph {
  /** The vertex where each half-edge begins. */
  origin = new Int32Array(1024)
  /** The half-edge that follows each around its face. */
  next = new Int32Array(1024)
  /** How many edges meet in each vertex. */
  degree = new Int32Array(512)
  /** 1 for an edge that is left out. */
  isDead = new Uint8Array(512)
  #first = new Int32Array(512)
  #around = new Int32Array(1024)
  #loose = new Int32Array(512)

  /** Takes the edges of `edges` that `isDead` does not leave out: joins them around `vertexCount` vertices at `x`, `y`. */
  join(edges: PlanarEdges, x: Float64Array, y: Float64Array, vertexCount: number): void {
    const { from, to, count } = edges
    this.origin = grown(this.origin, 2 * count)
    this.next = grown(this.next, 2 * count)
    this.#around = grown(this.#around, 2 * count)
    this.degree = grown(this.degree, vertexCount)
    this.#first = grown(this.#first, vertexCount + 1)
    this.#loose = grown(this.#loose, vertexCount)
    const { origin, degree, isDead } = this
    degree.fill(0, 0, vertexCount)
    for (let edge = 0; edge < count; edge++) {
      origin[2 * edge] = from[edge]!
      origin[2 * edge + 1] = to[edge]!
      if (isDead[edge] === 1) continue
      degree[from[edge]!]!++
      degree[to[edge]!]!++
    }
    if (this.#gather(count, vertexCount)) this.#prune(vertexCount)
    for (let vertex = 0; vertex < vertexCount; vertex++) this.#turn(vertex, x, y)
  }

  /** Lists the half-edges that leave each vertex. Returns whether an edge ends in a vertex of its own. */
  #gather(edges: number, vertexCount: number): boolean {
    const { origin, degree, isDead } = this
    const first = this.#first
    const around = this.#around
    let sum = 0
    let isLoose = false
    for (let vertex = 0; vertex < vertexCount; vertex++) {
      if (degree[vertex] === 1) isLoose = true
      sum += degree[vertex]!
      first[vertex] = sum
    }
    first[vertexCount] = sum
    for (let half = 2 * edges - 1; half >= 0; half--) {
      if (isDead[half >> 1] === 0) around[--first[origin[half]!]!] = half
    }
    return isLoose
  }

  /** Leaves out edges that end in a vertex of their own, and those that do then. */
  #prune(vertexCount: number): void {
    const { origin, degree, isDead } = this
    const loose = this.#loose
    let count = 0
    for (let vertex = 0; vertex < vertexCount; vertex++) if (degree[vertex] === 1) loose[count++] = vertex
    while (count > 0) {
      const vertex = loose[--count]!
      for (let i = this.#first[vertex]!; i < this.#first[vertex + 1]!; i++) {
        const half = this.#around[i]!
        if (isDead[half >> 1] === 1) continue
        isDead[half >> 1] = 1
        degree[vertex]!--
        const other = origin[half ^ 1]!
        if (--degree[other]! === 1) loose[count++] = other
      }
    }
  }

  /** Puts the half-edges that leave a vertex in counter-clockwise order, and joins those that arrive to the one before. */
  #turn(vertex: number, x: Float64Array, y: Float64Array): void {
    const degree = this.degree[vertex]!
    if (degree === 0) return
    const { isDead, next } = this
    const around = this.#around
    const start = this.#first[vertex]!
    const end = this.#first[vertex + 1]!
    if (end - start === 2 && degree === 2) {
      const one = around[start]!
      const other = around[start + 1]!
      next[one ^ 1] = other
      next[other ^ 1] = one
      return
    }
    let count = 0
    for (let i = start; i < end; i++) {
      const half = around[i]!
      if (isDead[half >> 1] === 1) continue
      let place = start + count++
      if (degree > 2) {
        while (place > start && this.#isBefore(half, around[place - 1]!, x, y)) {
          around[place] = around[place - 1]!
          place--
        }
      }
      around[place] = half
    }
    let last = around[start + count - 1]!
    for (let i = start; i < start + count; i++) {
      const half = around[i]!
      next[half ^ 1] = last
      last = half
    }
  }

  /** Whether one half-edge comes before another of the same vertex, counter-clockwise from the direction of x. Exact. */
  #isBefore(one: number, other: number, x: Float64Array, y: Float64Array): boolean {
    const { origin } = this
    const at = origin[one]!
    const toOne = origin[one ^ 1]!
    const toOther = origin[other ^ 1]!
    const isOneUpper = isUpper(x[toOne]! - x[at]!, y[toOne]! - y[at]!)
    if (isOneUpper !== isUpper(x[toOther]! - x[at]!, y[toOther]! - y[at]!)) return isOneUpper
    return orientation(x[at]!, y[at]!, x[toOne]!, y[toOne]!, x[toOther]!, y[toOther]!) > 0
  }
}

/** Whether a direction is of the first half of the turn: from that of x until before its opposite. */
function isUpper(dx: number, dy: number): boolean {
  return dy > 0 || (dy === 0 && dx > 0)
}
