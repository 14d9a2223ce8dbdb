import { grown } from './grown.ts'
import type { PlanarEdges } from './planar-edges.ts'
import type { PlanarGraph } from './planar-graph.ts'
import { windingStep } from './winding-step.ts'

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
  /** Of each vertex, its place on the stack, counted on from walk to walk: so no walk takes what one before it saw for its own. */
  #seen = new Int32Array(512)
  /** The half-edges that walks have followed. */
  #walked = 0
  #stack = new Int32Array(512)
  /** Of each ring, the first of those that were cut off the same way round a face. */
  #walk = new Int32Array(64)
  #parent = new Int32Array(512)
  #hasHoles = false
  #firstHole = new Int32Array(64)
  #nextHole = new Int32Array(64)

  /** Follows all faces inside. O(edges), and for each hole as much as there is around it. */
  trace(edges: PlanarEdges, graph: PlanarGraph, x: Float64Array, y: Float64Array, vertexCount: number): void {
    const halves = 2 * edges.count
    this.ringOf = grown(this.ringOf, halves)
    this.ringOf.fill(-1, 0, halves)
    this.vertices = grown(this.vertices, halves)
    this.#stack = grown(this.#stack, halves)
    this.#seen = grown(this.#seen, vertexCount)
    this.#seen.fill(-1, 0, vertexCount)
    this.#walked = 0
    this.count = 0
    this.faceCount = 0
    this.start[0] = 0
    const { isCut } = edges
    const { isDead } = graph
    for (let half = 0; half < halves; half++) {
      if (this.ringOf[half]! >= 0 || isDead[half >> 1] === 1 || ((half & 1) === 1 && isCut[half >> 1] === 0)) continue
      this.#walkRound(graph, half, x, y)
    }
    this.#hasHoles = this.faceCount < this.count
    if (this.#hasHoles) this.#placeHoles(edges, graph, x, y, vertexCount)
  }

  /** Follows one face around, and cuts off what lies between two visits of a vertex as a ring of its own. */
  #walkRound({ origin, next }: PlanarGraph, begin: number, x: Float64Array, y: Float64Array): void {
    const { ringOf } = this
    const seen = this.#seen
    const stack = this.#stack
    const walk = this.count
    const base = this.#walked
    let steps = 0
    let depth = 0
    let half = begin
    do {
      ringOf[half] = walk
      const vertex = origin[half]!
      const before = seen[vertex]! - base
      if (before >= 0) {
        this.#addRing(before, depth, walk, x, y)
        for (let i = before + 1; i < depth; i++) seen[stack[i]!] = -1
        depth = before
      }
      seen[vertex] = base + depth
      stack[depth++] = vertex
      half = next[half]!
      steps++
    } while (half !== begin)
    this.#walked = base + steps
    this.#addRing(0, depth, walk, x, y)
  }

  #addRing(from: number, to: number, walk: number, x: Float64Array, y: Float64Array): void {
    const ring = this.count++
    if (ring >= this.area.length || ring + 2 > this.start.length) {
      this.area = grown(this.area, ring + 1)
      this.face = grown(this.face, ring + 1)
      this.start = grown(this.start, ring + 2)
      this.#walk = grown(this.#walk, ring + 1)
    }
    const { vertices } = this
    const stack = this.#stack
    let end = this.start[ring]!
    const base = stack[from]!
    const baseX = x[base]!
    const baseY = y[base]!
    let doubled = 0
    let lastX = 0
    let lastY = 0
    for (let i = from; i < to; i++) {
      const vertex = stack[i]!
      vertices[end++] = vertex
      const nextX = x[vertex]! - baseX
      const nextY = y[vertex]! - baseY
      doubled += lastX * nextY - nextX * lastY
      lastX = nextX
      lastY = nextY
    }
    this.start[ring + 1] = end
    this.area[ring] = doubled / 2
    this.#walk[ring] = walk
    this.face[ring] = doubled > 0 ? this.faceCount++ : -1
  }

  /** Finds the face of each hole: the one it was cut off, or the smallest around it. */
  #placeHoles(edges: PlanarEdges, graph: PlanarGraph, x: Float64Array, y: Float64Array, vertexCount: number): void {
    let isJoined = false
    for (let hole = 0; hole < this.count; hole++) {
      if (this.face[hole]! >= 0) continue
      let outer = this.#outerOfWalk(hole)
      if (outer < 0) {
        if (!isJoined) this.#joinComponents(edges, graph, vertexCount)
        isJoined = true
        outer = this.#smallestAround(hole, x, y)
      }
      this.face[hole] = this.face[outer]!
    }
    this.#listHoles()
  }

  #listHoles(): void {
    this.#firstHole = grown(this.#firstHole, this.faceCount)
    this.#nextHole = grown(this.#nextHole, this.count)
    this.#firstHole.fill(-1, 0, this.faceCount)
    for (let hole = this.count - 1; hole >= 0; hole--) {
      if (this.area[hole]! > 0) continue
      const face = this.face[hole]!
      this.#nextHole[hole] = this.#firstHole[face]!
      this.#firstHole[face] = hole
    }
  }

  /** The ring of a face's first hole, or -1. */
  firstHole(face: number): number {
    return this.#hasHoles ? this.#firstHole[face]! : -1
  }

  /** The one after, or -1. */
  nextHole(hole: number): number {
    return this.#nextHole[hole]!
  }

  #outerOfWalk(hole: number): number {
    const walk = this.#walk[hole]!
    for (let ring = walk; ring < this.count && this.#walk[ring] === walk; ring++) if (this.area[ring]! > 0) return ring
    return -1
  }

  /** What is joined to a hole is inside of it, or beside it; only others can be around it. */
  #smallestAround(hole: number, x: Float64Array, y: Float64Array): number {
    const vertex = this.vertices[this.start[hole]!]!
    const component = this.#componentOf(vertex)
    let best = -1
    for (let ring = 0; ring < this.count; ring++) {
      const area = this.area[ring]!
      if (!(area > 0) || (best >= 0 && area >= this.area[best]!)) continue
      if (this.#componentOf(this.vertices[this.start[ring]!]!) !== component && this.#isIn(ring, vertex, x, y))
        best = ring
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

  /** Whether a vertex lies in a ring. */
  #isIn(ring: number, vertex: number, x: Float64Array, y: Float64Array): boolean {
    const px = x[vertex]!
    const py = y[vertex]!
    let winding = 0
    let last = this.vertices[this.start[ring + 1]! - 1]!
    for (let i = this.start[ring]!; i < this.start[ring + 1]!; i++) {
      const next = this.vertices[i]!
      winding += windingStep(x, y, last, next, px, py)
      last = next
    }
    return winding !== 0
  }
}
