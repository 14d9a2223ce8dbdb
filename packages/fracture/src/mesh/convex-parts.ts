import { type Corners, cornersOf, turn } from './corners.ts'
import { type Earcut, triangulateCorners } from './triangulate.ts'

/** In place of a twin: nothing is beyond the line; the line itself is no more. */
const BORDER = -1
const GONE = -2

/**
 * Cuts a polygon into convex rings in the winding of `outer`, for physics engines.
 *
 * The parts cover the polygon exactly and do not overlap, each has an area, bends in each of its vertices, and has at most `maxVertices` of them, 3 or more; all are
 * vertices of the polygon. Whether a part bends inwards is decided exactly. There are at most four times as many parts as necessary
 * where `maxVertices` does not bind. The rings are simple, holes in the opposite winding. O(n) after triangulation, as a rule; a convex polygon
 * with few enough vertices is its only part.
 *
 * Triangles are merged over their common sides, wherever that leaves a convex part: Hertel and Mehlhorn 1983, "Fast triangulation of simple polygons".
 */
export function convexParts(
  outer: Float64Array,
  holes: readonly Float64Array[],
  earcut: Earcut,
  maxVertices: number = Number.POSITIVE_INFINITY,
): Float64Array[] {
  const corners = cornersOf(outer, holes)
  const count = corners.vertices.length
  if (corners.isConvex && count <= maxVertices) return count < 3 ? [] : [Float64Array.from(corners.coords)]
  const tiles = new Tiles(corners, triangulateCorners(corners, earcut))
  tiles.merge(maxVertices)
  return tiles.rings()
}

/**
 * Tiles that cover a polygon, triangles at first, as sides: each begins in a corner and is followed by the next of its tile; its twin is the same
 * line the other way, in the tile beside it.
 */
class Tiles {
  readonly #corners: Corners
  readonly #start: Uint32Array
  readonly #next: number[] = []
  readonly #prev: number[] = []
  /** {@link BORDER} where there is nothing beyond. */
  readonly #twin: number[] = []

  constructor(corners: Corners, triangles: Uint32Array) {
    this.#corners = corners
    this.#start = triangles
    // PERF: plain arrays; to make typed ones takes longer than to merge the few triangles that most polygons have.
    for (let side = 0; side < triangles.length; side += 3) {
      this.#next.push(side + 1, side + 2, side)
      this.#prev.push(side + 2, side, side + 1)
      this.#twin.push(BORDER, BORDER, BORDER)
    }
    this.#pair()
  }

  merge(maxVertices: number): void {
    for (let side = 0; side < this.#twin.length; side++) {
      const twin = this.#twin[side]!
      if (twin > side && this.#fits(side, twin, maxVertices) && this.#staysConvex(side, twin)) this.#remove(side, twin)
    }
  }

  rings(): Float64Array[] {
    const rings: Float64Array[] = []
    for (let side = 0; side < this.#twin.length; side++) if (this.#twin[side] !== GONE) rings.push(this.#take(side))
    return rings
  }

  #pair(): void {
    // PERF: lists of the sides that begin in a corner, short as a rule: with a Map of pairs of corners, pairing was most of the work.
    const first: number[] = this.#corners.vertices.map(() => BORDER)
    const other: number[] = this.#twin.slice()
    for (let side = 0; side < this.#start.length; side++) {
      const a = this.#start[side]!
      let twin = first[this.#end(side)]!
      while (twin !== BORDER && this.#end(twin) !== a) twin = other[twin]!
      if (twin === BORDER) {
        other[side] = first[a]!
        first[a] = side
      } else {
        this.#twin[side] = twin
        this.#twin[twin] = side
      }
    }
  }

  #fits(side: number, twin: number, maxVertices: number): boolean {
    return maxVertices === Number.POSITIVE_INFINITY || this.#size(side) + this.#size(twin) - 2 <= maxVertices
  }

  #size(side: number): number {
    let size = 0
    let other = side
    do {
      size++
      other = this.#next[other]!
    } while (other !== side)
    return size
  }

  /** Whether no inward bend comes to be at either end when the line goes. */
  #staysConvex(side: number, twin: number): boolean {
    return (
      this.#bend(this.#prev[side]!, this.#next[twin]!) >= 0 && this.#bend(this.#prev[twin]!, this.#next[side]!) >= 0
    )
  }

  #remove(side: number, twin: number): void {
    this.#link(this.#prev[side]!, this.#next[twin]!)
    this.#link(this.#prev[twin]!, this.#next[side]!)
    this.#twin[side] = GONE
    this.#twin[twin] = GONE
  }

  /** The tile of `side` as a ring, without vertices in which it does not bend. Its sides are gone then. */
  #take(side: number): Float64Array {
    const { coords } = this.#corners
    const ring: number[] = []
    let other = side
    do {
      const corner = this.#start[other]!
      if (this.#bend(this.#prev[other]!, other) > 0) ring.push(coords[2 * corner]!, coords[2 * corner + 1]!)
      this.#twin[other] = GONE
      other = this.#next[other]!
    } while (other !== side)
    return new Float64Array(ring)
  }

  /** How a tile bends where `before` ends and `after` begins: above 0 outwards. */
  #bend(before: number, after: number): number {
    const { coords, winding } = this.#corners
    return turn(coords, this.#start[before]!, this.#start[after]!, this.#end(after)) * winding
  }

  #end(side: number): number {
    return this.#start[this.#next[side]!]!
  }

  #link(side: number, next: number): void {
    this.#next[side] = next
    this.#prev[next] = side
  }
}
