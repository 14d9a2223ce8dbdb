import { FaceRings } from './face-rings.ts'
import { grown } from './grown.ts'
import type { PlanarEdges } from './planar-edges.ts'
import { PlanarGraph } from './planar-graph.ts'

/** A fragment is a sliver when it is thinner than this share of what the polygon is: twice its area by its border. */
const THIN = 1e-3

/**
 * The faces of planar edges that are kept: those that cuts separate, but for slivers, which go to a neighbour. Kept from polygon to
 * polygon.
 */
export class Faces {
  readonly graph = new PlanarGraph()
  readonly rings = new FaceRings()
  #area = new Float64Array(64)
  #border = new Float64Array(64)
  /** Of each face, the one that it goes to; itself when it stays. */
  #parent = new Int32Array(64)
  #shared = new Float64Array(64)

  /** Finds them. `leastShare` of the whole area is what a face must have. */
  find(edges: PlanarEdges, x: Float64Array, y: Float64Array, vertexCount: number, leastShare: number): void {
    const { graph, rings } = this
    graph.isDead = grown(graph.isDead, edges.count)
    graph.isDead.fill(0, 0, edges.count)
    this.#trace(edges, x, y, vertexCount)
    while (this.#dropBridges(edges)) this.#trace(edges, x, y, vertexCount)
    if (rings.faceCount > 1 && this.#joinSlivers(edges, x, y, leastShare)) {
      do this.#trace(edges, x, y, vertexCount)
      while (this.#dropBridges(edges))
    }
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
  #joinSlivers(edges: PlanarEdges, x: Float64Array, y: Float64Array, leastShare: number): boolean {
    const { rings } = this
    const faces = rings.faceCount
    this.#measure(edges, x, y)
    let whole = 0
    for (let face = 0; face < faces; face++) whole += this.#area[face]!
    let outline = 0
    for (let edge = 0; edge < edges.count; edge++) if (edges.isCut[edge] === 0) outline += lengthOf(edges, edge, x, y)
    const leastArea = leastShare * whole
    const leastWidth = (THIN * whole) / outline
    let isAny = false
    for (;;) {
      let sliver = -1
      for (let face = 0; face < faces; face++) {
        if (this.#parent[face] !== face) continue
        const area = this.#area[face]!
        const isSliver = area < leastArea || area < leastWidth * this.#border[face]!
        if (isSliver && (sliver < 0 || area < this.#area[sliver]!)) sliver = face
      }
      if (sliver < 0) break
      this.#join(edges, sliver, x, y)
      isAny = true
    }
    if (isAny) this.#dropInner(edges)
    return isAny
  }

  /** Areas and lengths of borders. */
  #measure(edges: PlanarEdges, x: Float64Array, y: Float64Array): void {
    const { rings } = this
    const faces = rings.faceCount
    this.#area = grown(this.#area, faces)
    this.#border = grown(this.#border, faces)
    this.#parent = grown(this.#parent, faces)
    this.#shared = grown(this.#shared, faces)
    for (let face = 0; face < faces; face++) {
      this.#area[face] = 0
      this.#border[face] = 0
      this.#parent[face] = face
    }
    for (let ring = 0; ring < rings.count; ring++)
      if (rings.face[ring]! >= 0) this.#area[rings.face[ring]!]! += rings.area[ring]!
    for (let edge = 0; edge < edges.count; edge++) {
      if (this.graph.isDead[edge] === 1) continue
      const length = lengthOf(edges, edge, x, y)
      this.#border[this.faceOf(2 * edge)]! += length
      if (edges.isCut[edge] === 1) this.#border[this.faceOf(2 * edge + 1)]! += length
    }
  }

  /** The face on the left of a half-edge of an inside. */
  faceOf(half: number): number {
    return this.rings.face[this.rings.ringOf[half]!]!
  }

  #rootOf(half: number): number {
    let face = this.faceOf(half)
    while (this.#parent[face] !== face) face = this.#parent[face]!
    return face
  }

  /** Gives a sliver to its neighbour; one that has none stays as it is. */
  #join(edges: PlanarEdges, sliver: number, x: Float64Array, y: Float64Array): void {
    const shared = this.#shared
    shared.fill(0, 0, this.rings.faceCount)
    let best = -1
    for (let edge = 0; edge < edges.count; edge++) {
      if (edges.isCut[edge] === 0 || this.graph.isDead[edge] === 1) continue
      const left = this.#rootOf(2 * edge)
      const right = this.#rootOf(2 * edge + 1)
      if (left === right || (left !== sliver && right !== sliver)) continue
      const other = left === sliver ? right : left
      shared[other]! += lengthOf(edges, edge, x, y)
      if (best < 0 || shared[other]! > shared[best]!) best = other
    }
    if (best < 0) {
      // An area of its own: whatever its size, it is all there is of it.
      this.#border[sliver] = 0
      this.#area[sliver] = Number.POSITIVE_INFINITY
      return
    }
    this.#parent[sliver] = best
    this.#area[best]! += this.#area[sliver]!
    this.#border[best]! += this.#border[sliver]! - 2 * shared[best]!
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
