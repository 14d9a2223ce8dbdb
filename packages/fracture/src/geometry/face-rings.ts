import { grown } from './grown.ts'
import type { PlanarEdges } from './planar-edges.ts'
import type { PlanarGraph } from './planar-graph.ts'
import { isInRing } from './point-in-ring.ts'
import { signedArea } from './signed-area.ts'

/**
 * The rings around the faces of a planar graph, in columns: those that run with their area on the left are outer rings, one a face; the
 * others holes, each of the face that it is in. Kept from polygon to polygon.
 */
export class FaceRings {
  count = 0
  /** Of each ring, where its vertices begin in `vertices`; one more for the end of the last. */
  start = new Int32Array(65)
  vertices = new Int32Array(1024)
  /** In square steps, above 0 for outer rings. */
  area = new Float64Array(64)
  faceCount = 0
  /** Of each ring, the face it belongs to. */
  face = new Int32Array(64)
  /** Of each half-edge of an inside, a ring of its face; -1 for others. */
  ringOf = new Int32Array(1024)
  #seen = new Int32Array(512)
  #stack = new Int32Array(512)
  #x = new Float64Array(1024)
  #y = new Float64Array(1024)
  /** Of each ring, the first of those that were cut off the same way round a face. */
  #walk = new Int32Array(64)
  #parent = new Int32Array(512)

  /** Follows all faces inside. O(edges), and for each hole as much as there is around it. */
  trace(edges: PlanarEdges, graph: PlanarGraph, x: Float64Array, y: Float64Array, vertexCount: number): void {
    const halves = 2 * edges.count
    this.ringOf = grown(this.ringOf, halves)
    this.ringOf.fill(-1, 0, halves)
    this.vertices = grown(this.vertices, halves)
    this.#stack = grown(this.#stack, halves)
    this.#x = grown(this.#x, halves)
    this.#y = grown(this.#y, halves)
    this.#seen = grown(this.#seen, vertexCount)
    this.#seen.fill(-1, 0, vertexCount)
    this.count = 0
    this.faceCount = 0
    this.start[0] = 0
    const { isCut } = edges
    const { isDead } = graph
    for (let half = 0; half < halves; half++) {
      if (this.ringOf[half]! >= 0 || isDead[half >> 1] === 1 || ((half & 1) === 1 && isCut[half >> 1] === 0)) continue
      this.#walkRound(graph, half, x, y)
    }
    if (this.faceCount < this.count) this.#placeHoles(edges, graph, vertexCount)
  }

  /** Follows one face around, and cuts off what lies between two visits of a vertex as a ring of its own. */
  #walkRound({ origin, next }: PlanarGraph, begin: number, x: Float64Array, y: Float64Array): void {
    const seen = this.#seen
    const stack = this.#stack
    const walk = this.count
    let depth = 0
    let half = begin
    do {
      this.ringOf[half] = walk
      const vertex = origin[half]!
      const before = seen[vertex]!
      if (before >= 0 && before < depth && stack[before] === vertex) {
        this.#addRing(before, depth, walk, x, y)
        for (let i = before + 1; i < depth; i++) seen[stack[i]!] = -1
        depth = before
      }
      seen[vertex] = depth
      stack[depth++] = vertex
      half = next[half]!
    } while (half !== begin)
    for (let i = 0; i < depth; i++) seen[stack[i]!] = -1
    this.#addRing(0, depth, walk, x, y)
  }

  #addRing(from: number, to: number, walk: number, x: Float64Array, y: Float64Array): void {
    const ring = this.count++
    this.area = grown(this.area, ring + 1)
    this.face = grown(this.face, ring + 1)
    this.start = grown(this.start, ring + 2)
    this.#walk = grown(this.#walk, ring + 1)
    let end = this.start[ring]!
    for (let i = from; i < to; i++) {
      const vertex = this.#stack[i]!
      this.vertices[end] = vertex
      this.#x[end] = x[vertex]!
      this.#y[end++] = y[vertex]!
    }
    this.start[ring + 1] = end
    this.area[ring] = signedArea(this.#x, this.#y, this.start[ring]!, end)
    this.#walk[ring] = walk
    this.face[ring] = this.area[ring]! > 0 ? this.faceCount++ : -1
  }

  /** Finds the face of each hole: the one it was cut off, or the smallest around it. */
  #placeHoles(edges: PlanarEdges, graph: PlanarGraph, vertexCount: number): void {
    let isJoined = false
    for (let hole = 0; hole < this.count; hole++) {
      if (this.face[hole]! >= 0) continue
      let outer = this.#outerOfWalk(hole)
      if (outer < 0) {
        if (!isJoined) this.#joinComponents(edges, graph, vertexCount)
        isJoined = true
        outer = this.#smallestAround(hole)
      }
      this.face[hole] = outer < 0 ? -1 : this.face[outer]!
    }
  }

  #outerOfWalk(hole: number): number {
    const walk = this.#walk[hole]!
    for (let ring = walk; ring < this.count && this.#walk[ring] === walk; ring++) if (this.area[ring]! > 0) return ring
    return -1
  }

  /** What is joined to a hole is inside of it, or beside it; only others can be around it. */
  #smallestAround(hole: number): number {
    const at = this.start[hole]!
    const component = this.#componentOf(this.vertices[at]!)
    let best = -1
    for (let ring = 0; ring < this.count; ring++) {
      const area = this.area[ring]!
      if (!(area > 0) || (best >= 0 && area >= this.area[best]!)) continue
      if (this.#componentOf(this.vertices[this.start[ring]!]!) !== component && this.#isIn(ring, at)) best = ring
    }
    return best
  }

  #joinComponents({ from, to, count }: PlanarEdges, { isDead }: PlanarGraph, vertexCount: number): void {
    this.#parent = grown(this.#parent, vertexCount)
    for (let vertex = 0; vertex < vertexCount; vertex++) this.#parent[vertex] = vertex
    for (let edge = 0; edge < count; edge++) {
      if (isDead[edge] === 0) this.#parent[this.#componentOf(from[edge]!)] = this.#componentOf(to[edge]!)
    }
  }

  #componentOf(vertex: number): number {
    const parent = this.#parent
    let root = vertex
    while (parent[root] !== root) {
      parent[root] = parent[parent[root]!]!
      root = parent[root]!
    }
    return root
  }

  #isIn(ring: number, place: number): boolean {
    return isInRing(this.#x, this.#y, this.start[ring]!, this.start[ring + 1]!, this.#x[place]!, this.#y[place]!)
  }
}
