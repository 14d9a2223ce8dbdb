import { FaceRings } from './face-rings.ts'
import { grown } from './grown.ts'
import type { PlanarEdges } from './planar-edges.ts'
import { PlanarGraph } from './planar-graph.ts'
import type { Pulse } from './pulse.ts'

/** A face that is smaller than this share of the mean one is a sliver too when it is thin: … */
const SMALL = 0.1
/** … twice its area by its border less than this share of the side of a square as large as the polygon. */
const THIN = 1e-3

/**
 * The faces of planar edges that are kept: those that cuts separate, but for slivers, which go to a neighbour. Kept from polygon to
 * polygon.
 */
export class Faces {
  readonly graph = new PlanarGraph()
  readonly rings = new FaceRings()
  /** Whether edges were left out. */
  hasDropped = false
  #area = new Float64Array(64)
  #border = new Float64Array(64)
  /** Of each face, the one that it goes to; itself when it stays. */
  #parent = new Int32Array(64)
  #shared = new Float64Array(64)
  /** The half-edges of cuts around each face, listed. */
  #firstHalf = new Int32Array(64)
  #lastHalf = new Int32Array(64)
  #nextHalf = new Int32Array(512)

  /** Finds them. A face must have `leastShare` of the mean area; with 0, all stay. */
  find(
    edges: PlanarEdges,
    x: Float64Array,
    y: Float64Array,
    vertexCount: number,
    leastShare: number,
    pulse: Pulse,
  ): void {
    const { graph, rings } = this
    graph.isDead = grown(graph.isDead, edges.count)
    graph.isDead.fill(0, 0, edges.count)
    pulse(0)
    this.#trace(edges, x, y, vertexCount)
    while (this.#dropBridges(edges)) this.#trace(edges, x, y, vertexCount)
    if (leastShare > 0 && rings.faceCount > 1 && this.#joinSlivers(edges, x, y, leastShare, pulse)) {
      do this.#trace(edges, x, y, vertexCount)
      while (this.#dropBridges(edges))
    }
    this.hasDropped = graph.isDead.subarray(0, edges.count).includes(1)
  }

  #trace(edges: PlanarEdges, x: Float64Array, y: Float64Array, vertexCount: number): void {
    this.graph.join(edges, x, y, vertexCount)
    this.rings.trace(edges, this.graph, x, y, vertexCount)
  }

  /** Leaves out cuts with the same face on both sides. */
  #dropBridges({ isCut, count }: PlanarEdges): boolean {
    const { isDead } = this.graph
    const { ringOf } = this.rings
    let isAny = false
    for (let edge = 0; edge < count; edge++) {
      if (isCut[edge] === 0 || isDead[edge] === 1 || ringOf[2 * edge] !== ringOf[2 * edge + 1]) continue
      isDead[edge] = 1
      isAny = true
    }
    return isAny
  }

  /** Gives each sliver to the neighbour with which it has the longest border, the smallest first. True when there was one. */
  #joinSlivers(edges: PlanarEdges, x: Float64Array, y: Float64Array, leastShare: number, pulse: Pulse): boolean {
    const { rings } = this
    const faces = rings.faceCount
    this.#area = grown(this.#area, faces)
    this.#border = grown(this.#border, faces)
    const area = this.#area
    const border = this.#border
    area.fill(0, 0, faces)
    let whole = 0
    for (let ring = 0; ring < rings.count; ring++) {
      area[rings.face[ring]!]! += rings.area[ring]!
      whole += rings.area[ring]!
    }
    const leastArea = (leastShare * whole) / faces
    const leastWidth = THIN * Math.sqrt(whole)
    const slivers: number[] = []
    const isSliver = (face: number) => area[face]! < leastArea || 2 * area[face]! < leastWidth * border[face]!
    for (let face = 0; face < faces; face++) {
      border[face] = 0
      if (area[face]! < leastArea || area[face]! < (SMALL * whole) / faces) slivers.push(face)
    }
    if (slivers.length === 0) return false
    for (let edge = 0; edge < edges.count; edge++) {
      if (this.graph.isDead[edge] === 1) continue
      const length = lengthOf(edges, edge, x, y)
      border[this.faceOf(2 * edge)]! += length
      if (edges.isCut[edge] === 1) border[this.faceOf(2 * edge + 1)]! += length
    }
    if (!slivers.some(isSliver)) return false
    slivers.sort((one, other) => area[one]! - area[other]! || one - other)
    this.#listHalves(edges)
    // What takes one in and is a sliver all the same has its turn after it.
    for (const [index, sliver] of slivers.entries()) {
      pulse(index / slivers.length)
      if (isSliver(sliver)) this.#join(edges, sliver, x, y)
    }
    this.#dropInner(edges)
    return true
  }

  /** Lists the half-edges of cuts by face. */
  #listHalves(edges: PlanarEdges): void {
    const faces = this.rings.faceCount
    this.#parent = grown(this.#parent, faces)
    this.#shared = grown(this.#shared, faces)
    this.#firstHalf = grown(this.#firstHalf, faces)
    this.#lastHalf = grown(this.#lastHalf, faces)
    this.#nextHalf = grown(this.#nextHalf, 2 * edges.count)
    this.#shared.fill(0, 0, faces)
    this.#firstHalf.fill(-1, 0, faces)
    for (let face = 0; face < faces; face++) this.#parent[face] = face
    for (let half = 0; half < 2 * edges.count; half++) {
      if (edges.isCut[half >> 1] === 0 || this.graph.isDead[half >> 1] === 1) continue
      const face = this.faceOf(half)
      this.#nextHalf[half] = -1
      if (this.#firstHalf[face]! < 0) this.#firstHalf[face] = half
      else this.#nextHalf[this.#lastHalf[face]!] = half
      this.#lastHalf[face] = half
    }
  }

  /** The face on the left of a half-edge of an inside. */
  faceOf(half: number): number {
    return this.rings.face[this.rings.ringOf[half]!]!
  }

  #rootOf(half: number): number {
    const parent = this.#parent
    let face = this.faceOf(half)
    while (parent[face] !== face) {
      parent[face] = parent[parent[face]!]!
      face = parent[face]!
    }
    return face
  }

  /** Gives a sliver to a neighbour; one that has none stays as it is. */
  #join(edges: PlanarEdges, sliver: number, x: Float64Array, y: Float64Array): void {
    const shared = this.#shared
    let best = -1
    for (let half = this.#firstHalf[sliver]!; half >= 0; half = this.#nextHalf[half]!) {
      const other = this.#rootOf(half ^ 1)
      if (other === sliver) continue
      shared[other]! += lengthOf(edges, half >> 1, x, y)
      if (best < 0 || shared[other]! > shared[best]!) best = other
    }
    if (best < 0) return
    this.#area[best]! += this.#area[sliver]!
    this.#border[best]! += this.#border[sliver]! - 2 * shared[best]!
    for (let half = this.#firstHalf[sliver]!; half >= 0; half = this.#nextHalf[half]!)
      shared[this.#rootOf(half ^ 1)] = 0
    this.#parent[sliver] = best
    this.#nextHalf[this.#lastHalf[best]!] = this.#firstHalf[sliver]!
    this.#lastHalf[best] = this.#lastHalf[sliver]!
  }

  /** Leaves out the cuts within what was joined. */
  #dropInner(edges: PlanarEdges): void {
    for (let edge = 0; edge < edges.count; edge++) {
      if (edges.isCut[edge] === 0 || this.graph.isDead[edge] === 1) continue
      if (this.#rootOf(2 * edge) === this.#rootOf(2 * edge + 1)) this.graph.isDead[edge] = 1
    }
  }
}

function lengthOf({ from, to }: PlanarEdges, edge: number, x: Float64Array, y: Float64Array): number {
  const dx = x[to[edge]!]! - x[from[edge]!]!
  const dy = y[to[edge]!]! - y[from[edge]!]!
  return Math.sqrt(dx * dx + dy * dy)
}
