import { grown } from './grown.ts'
import { orientation } from './orientation.ts'
import type { PlanarEdges } from './planar-edges.ts'

const NONE = -1
/** The difference of two products is sure when it is a larger share than this of their sum: of differences of the grid's points, which have no error. */
const UNSURE = 2 ** -51

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
  /** The half-edges that leave each vertex, listed. */
  #first = new Int32Array(512)
  #after = new Int32Array(1024)
  #around = new Int32Array(16)
  #loose = new Int32Array(512)

  /** Takes the edges of `edges` that `isDead` does not leave out: joins them around `vertexCount` vertices at `x`, `y`. */
  join(edges: PlanarEdges, x: Float64Array, y: Float64Array, vertexCount: number): void {
    this.origin = grown(this.origin, 2 * edges.count)
    this.next = grown(this.next, 2 * edges.count)
    this.#after = grown(this.#after, 2 * edges.count)
    this.degree = grown(this.degree, vertexCount)
    this.#first = grown(this.#first, vertexCount)
    if (this.#list(edges, vertexCount)) this.#prune(vertexCount)
    const { degree } = this
    for (let vertex = 0; vertex < vertexCount; vertex++) {
      // PERF: by far the most vertices have two or three edges; bench/fracture/cutting.bench.ts.
      if (degree[vertex] === 2) this.#joinTwo(vertex)
      else if (degree[vertex] === 3) this.#joinThree(vertex, x, y)
      else if (degree[vertex]! > 3) this.#joinMany(vertex, x, y)
    }
  }

  /** Lists the half-edges that leave each vertex. Returns whether an edge ends in a vertex of its own. */
  #list({ from, to, count }: PlanarEdges, vertexCount: number): boolean {
    const { origin, degree, isDead } = this
    const first = this.#first
    const after = this.#after
    degree.fill(0, 0, vertexCount)
    first.fill(NONE, 0, vertexCount)
    for (let edge = 0; edge < count; edge++) {
      const begin = from[edge]!
      const end = to[edge]!
      const half = 2 * edge
      origin[half] = begin
      origin[half + 1] = end
      if (isDead[edge] === 1) continue
      after[half] = first[begin]!
      first[begin] = half
      after[half + 1] = first[end]!
      first[end] = half + 1
      degree[begin]!++
      degree[end]!++
    }
    for (let vertex = 0; vertex < vertexCount; vertex++) if (degree[vertex] === 1) return true
    return false
  }

  /** Leaves out edges that end in a vertex of their own, and those that do then. */
  #prune(vertexCount: number): void {
    const { origin, degree, isDead } = this
    this.#loose = grown(this.#loose, vertexCount)
    const loose = this.#loose
    let count = 0
    for (let vertex = 0; vertex < vertexCount; vertex++) if (degree[vertex] === 1) loose[count++] = vertex
    while (count > 0) {
      const vertex = loose[--count]!
      if (degree[vertex] === 0) continue
      const half = this.#firstAlive(this.#first[vertex]!)
      isDead[half >> 1] = 1
      degree[vertex] = 0
      const other = origin[half ^ 1]!
      if (--degree[other]! === 1) loose[count++] = other
    }
  }

  /** The first that is not left out, of a list from `half` on. */
  #firstAlive(half: number): number {
    let alive = half
    while (this.isDead[alive >> 1] === 1) alive = this.#after[alive]!
    return alive
  }

  #joinTwo(vertex: number): void {
    const { next } = this
    const one = this.#firstAlive(this.#first[vertex]!)
    const other = this.#firstAlive(this.#after[one]!)
    next[one ^ 1] = other
    next[other ^ 1] = one
  }

  #joinThree(vertex: number, x: Float64Array, y: Float64Array): void {
    const { origin, next } = this
    const one = this.#firstAlive(this.#first[vertex]!)
    let other = this.#firstAlive(this.#after[one]!)
    let third = this.#firstAlive(this.#after[other]!)
    const a = origin[one ^ 1]!
    const b = origin[other ^ 1]!
    const c = origin[third ^ 1]!
    // Of the three turns from one to the next at most one is not to the left, if they are in counter-clockwise order.
    const isLeft = isLeftTurn(x, y, vertex, a, b)
    const isInOrder = isLeft === isLeftTurn(x, y, vertex, b, c) ? isLeft : isLeftTurn(x, y, vertex, c, a)
    if (!isInOrder) [other, third] = [third, other]
    next[one ^ 1] = third
    next[other ^ 1] = one
    next[third ^ 1] = other
  }

  /** Puts the half-edges that leave a vertex in counter-clockwise order, and joins those that arrive to the one before. */
  #joinMany(vertex: number, x: Float64Array, y: Float64Array): void {
    const { isDead, next } = this
    this.#around = grown(this.#around, this.degree[vertex]!)
    const around = this.#around
    let count = 0
    for (let half = this.#first[vertex]!; half !== NONE; half = this.#after[half]!) {
      if (isDead[half >> 1] === 1) continue
      let place = count++
      while (place > 0 && this.#isBefore(half, around[place - 1]!, x, y)) {
        around[place] = around[place - 1]!
        place--
      }
      around[place] = half
    }
    let last = around[count - 1]!
    for (let i = 0; i < count; i++) {
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

/** Whether the direction from `at` to `b` is less than half a turn to the left of that to `a`. Exact. */
function isLeftTurn(x: Float64Array, y: Float64Array, at: number, a: number, b: number): boolean {
  const atX = x[at]!
  const atY = y[at]!
  const one = (x[a]! - atX) * (y[b]! - atY)
  const other = (y[a]! - atY) * (x[b]! - atX)
  const turn = one - other
  // PERF: by far the most turns are clear in doubles; bench/fracture/cutting.bench.ts.
  if (Math.abs(turn) > UNSURE * (Math.abs(one) + Math.abs(other))) return turn > 0
  return orientation(atX, atY, x[a]!, y[a]!, x[b]!, y[b]!) > 0
}

/** Whether a direction is of the first half of the turn: from that of x until before its opposite. */
function isUpper(dx: number, dy: number): boolean {
  return dy > 0 || (dy === 0 && dx > 0)
}
