import Delaunator from 'delaunator'
import type { CutNetwork } from '../geometry/cut-network.ts'
import type { Bounds } from '../polygon/polygon.ts'
import { LineSpan } from './line-span.ts'
import { bordersAcross, LEAST_DISTANCE, lineThrough } from './seed-line.ts'

/** Points nearer than this are one; about a millionth of a millionth of the polygon. */
const SAME = 2 ** -40

const NONE = -1

/**
 * The borders between the Voronoi cells of `seeds`, as far as they are within `reach`, all in the frame of a polygon. Seeds nearer to each other than {@link LEAST_DISTANCE} are one, and seeds that are
 * all as near to one line have borders straight across it.
 *
 * A cut is the border of two neighbours, and its ends are circumcentres of Delaunay triangles, or lie on the edge of the reach. Seeds on one circle, as those of a lattice, have one circumcentre together.
 * No two cuts cross. O(n log n).
 */
export function voronoiNetwork(reach: Bounds, seeds: Float64Array): CutNetwork {
  const line = lineThrough(seeds)
  if (line) return bordersAcross(line, reach, seeds)
  const { coords, triangles, halfedges } = triangulate(seeds)
  const apart = seedsApart(coords, triangles)
  if (apart !== coords) return voronoiNetwork(reach, apart)
  const borders = new VoronoiBorders(reach, coords, triangles, halfedges)
  for (let edge = 0; edge < halfedges.length; edge++) if (halfedges[edge]! < edge) borders.addBorderAt(edge)
  return borders.finish()
}

let kept = new Delaunator(new Float64Array(0))

/**
 * The triangulation of seeds, valid until the next. Its `coords` are the seeds without what is far below their precision, multiples of 2^-51: a product of very small numbers would vanish.
 *
 * PERF: one is kept, as its arrays take longer to make than to fill; objects that break together mostly have as many seeds.
 */
function triangulate(seeds: Float64Array): Delaunator<Float64Array> {
  const isNew = kept.coords.length !== seeds.length
  const coords = isNew ? new Float64Array(seeds.length) : kept.coords
  for (let at = 0; at < seeds.length; at++) coords[at] = seeds[at]! + 3 - 3
  if (isNew) kept = new Delaunator(coords)
  else kept.update()
  return kept
}

/** The seeds without those that have a neighbour too near, which has a lower number: `seeds` itself where there are none, else fewer. */
function seedsApart(seeds: Float64Array, triangles: Uint32Array): Float64Array {
  let dropped: Set<number> | undefined
  for (let edge = 0; edge < triangles.length; edge++) {
    const a = triangles[edge]!
    const b = triangles[nextOf(edge)]!
    const dx = seeds[2 * a]! - seeds[2 * b]!
    const dy = seeds[2 * a + 1]! - seeds[2 * b + 1]!
    if (dx * dx + dy * dy >= LEAST_DISTANCE * LEAST_DISTANCE) continue
    dropped ??= new Set()
    dropped.add(Math.max(a, b))
  }
  return dropped === undefined ? seeds : seeds.filter((_, at) => !dropped!.has(at >> 1))
}

/** PERF: kept and grown, so that a network allocates only what it returns. */
let points = new Float64Array(0)
let cuts = new Int32Array(0)
let pointOfTriangle = new Int32Array(0)
let stack = new Int32Array(0)

class VoronoiBorders {
  readonly #reach: Bounds
  readonly #seeds: Float64Array
  readonly #triangles: Uint32Array
  readonly #halfedges: Int32Array
  readonly #span = new LineSpan()
  #pointsEnd = 0
  #cutsEnd = 0

  constructor(reach: Bounds, seeds: Float64Array, triangles: Uint32Array, halfedges: Int32Array) {
    this.#reach = reach
    this.#seeds = seeds
    this.#triangles = triangles
    this.#halfedges = halfedges
    const triangleCount = triangles.length / 3
    // n seeds have at most 2n triangles and 3n borders, of two new points each.
    if (points.length < 8 * seeds.length) {
      points = new Float64Array(8 * seeds.length)
      cuts = new Int32Array(3 * seeds.length)
    }
    if (pointOfTriangle.length < triangleCount) {
      pointOfTriangle = new Int32Array(2 * triangleCount)
      stack = new Int32Array(2 * triangleCount)
    }
    this.#placeCentres(triangleCount)
  }

  /** The border across an edge of a triangle, to the triangle beyond or, at the hull, on and on. */
  addBorderAt(edge: number): void {
    const triangles = this.#triangles
    const twin = this.#halfedges[edge]!
    const a = triangles[edge]!
    const b = triangles[nextOf(edge)]!
    const here = pointOfTriangle[triangleOf(edge)]!
    const there = twin === NONE ? NONE : pointOfTriangle[triangleOf(twin)]!
    if (here !== NONE && there !== NONE) {
      if (here !== there) this.#addCut(here, there)
      return
    }
    const ahead = this.#centreAlong(a, b, triangles[nextOf(nextOf(edge))]!)
    const behind = twin === NONE ? Number.NEGATIVE_INFINITY : -this.#centreAlong(b, a, triangles[nextOf(nextOf(twin))]!)
    this.#add(a, b, here, ahead, there, behind)
  }

  finish(): CutNetwork {
    return { points: points.slice(0, this.#pointsEnd), cuts: cuts.slice(0, this.#cutsEnd) }
  }

  /** Gives each triangle its point: none where that is out of reach, and one for all neighbours that have the same. */
  #placeCentres(count: number): void {
    pointOfTriangle.fill(UNKNOWN, 0, count)
    for (let first = 0; first < count; first++) {
      if (pointOfTriangle[first] !== UNKNOWN) continue
      if (!this.#putCentre(first)) {
        pointOfTriangle[first] = NONE
        continue
      }
      const point = this.#pointsEnd / 2
      const x = points[this.#pointsEnd]!
      const y = points[this.#pointsEnd + 1]!
      this.#pointsEnd += 2
      pointOfTriangle[first] = point
      let height = 0
      stack[height++] = first
      while (height > 0) {
        const triangle = stack[--height]!
        for (let edge = 3 * triangle; edge < 3 * triangle + 3; edge++) {
          const twin = this.#halfedges[edge]!
          if (twin === NONE) continue
          const neighbour = triangleOf(twin)
          if (pointOfTriangle[neighbour] !== UNKNOWN || !this.#putCentre(neighbour)) continue
          const end = this.#pointsEnd
          if (Math.abs(points[end]! - x) > SAME || Math.abs(points[end + 1]! - y) > SAME) continue
          pointOfTriangle[neighbour] = point
          stack[height++] = neighbour
        }
      }
    }
  }

  /** Writes the circumcentre of a triangle behind the last point, and returns whether it is within reach. */
  #putCentre(triangle: number): boolean {
    const seeds = this.#seeds
    const a = 2 * this.#triangles[3 * triangle]!
    const b = 2 * this.#triangles[3 * triangle + 1]!
    const c = 2 * this.#triangles[3 * triangle + 2]!
    const bx = seeds[b]! - seeds[a]!
    const by = seeds[b + 1]! - seeds[a + 1]!
    const cx = seeds[c]! - seeds[a]!
    const cy = seeds[c + 1]! - seeds[a + 1]!
    const bb = bx * bx + by * by
    const cc = cx * cx + cy * cy
    const twice = 2 * (bx * cy - by * cx)
    const x = seeds[a]! + (cy * bb - by * cc) / twice
    const y = seeds[a + 1]! + (bx * cc - cx * bb) / twice
    points[this.#pointsEnd] = x
    points[this.#pointsEnd + 1] = y
    const { minX, minY, maxX, maxY } = this.#reach
    return x >= minX && x <= maxX && y >= minY && y <= maxY
  }

  /**
   * Where the circumcentre of a triangle is on the border of its corners `a` and `b`, from their middle and in multiples of their distance: half the cotangent of the angle at `c`. Infinite, of the right sign,
   * for a triangle without area, so that a border knows where it goes even when its end is nowhere.
   */
  #centreAlong(a: number, b: number, c: number): number {
    const seeds = this.#seeds
    const cx = seeds[2 * c]!
    const cy = seeds[2 * c + 1]!
    const ax = seeds[2 * a]! - cx
    const ay = seeds[2 * a + 1]! - cy
    const bx = seeds[2 * b]! - cx
    const by = seeds[2 * b + 1]! - cy
    // Triangles have their corners in the direction from y to x.
    return (ax * bx + ay * by) / (2 * Math.max(ay * bx - ax * by, 0))
  }

  /** Adds the border of two seeds from `behind` to `ahead`, as {@link #centreAlong} has them; an end without a point is where the border leaves the reach. */
  #add(a: number, b: number, here: number, ahead: number, there: number, behind: number): void {
    const seeds = this.#seeds
    const ax = seeds[2 * a]!
    const ay = seeds[2 * a + 1]!
    const bx = seeds[2 * b]!
    const by = seeds[2 * b + 1]!
    const x = (ax + bx) / 2
    const y = (ay + by) / 2
    const dx = by - ay
    const dy = ax - bx
    const span = this.#span
    if (!span.clip(this.#reach, x, y, dx, dy, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)) return
    // An end that is out of reach is beyond one side or the other, by far more than rounding: the middle tells which.
    const middle = (span.from + span.to) / 2
    if ((here === NONE && ahead < middle) || (there === NONE && behind > middle)) return
    const before = this.#pointsEnd
    const start = there === NONE ? this.#addPoint(x + span.from * dx, y + span.from * dy) : there
    const end = here === NONE ? this.#addPoint(x + span.to * dx, y + span.to * dy) : here
    if (this.#squaredLength(start, end) > SAME * SAME) this.#addCut(start, end)
    else this.#pointsEnd = before
  }

  #addPoint(x: number, y: number): number {
    const { minX, minY, maxX, maxY } = this.#reach
    points[this.#pointsEnd] = Math.max(minX, Math.min(maxX, x))
    points[this.#pointsEnd + 1] = Math.max(minY, Math.min(maxY, y))
    this.#pointsEnd += 2
    return this.#pointsEnd / 2 - 1
  }

  #addCut(start: number, end: number): void {
    cuts[this.#cutsEnd++] = start
    cuts[this.#cutsEnd++] = end
  }

  #squaredLength(start: number, end: number): number {
    const dx = points[2 * end]! - points[2 * start]!
    const dy = points[2 * end + 1]! - points[2 * start + 1]!
    return dx * dx + dy * dy
  }
}

const UNKNOWN = -2

function nextOf(edge: number): number {
  return edge % 3 === 2 ? edge - 2 : edge + 1
}

function triangleOf(edge: number): number {
  return (edge - (edge % 3)) / 3
}
