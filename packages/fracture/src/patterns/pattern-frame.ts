import type { Bounds, Point, Polygon } from '../polygon/polygon.ts'

/** How far cuts reach beyond the polygon's box, as a share of its longer side. */
const MARGIN = 0.25

/** Farther from the middle of the box than this many of its longer sides, nothing is told apart any more. */
const FARTHEST = 1024

/**
 * The coordinates in which patterns are made: the middle of the polygon's box is 0, 0, and the box's longer side is 1.
 *
 * So a pattern does not know how large a polygon is, nor how far from the origin, and neither costs it precision.
 */
export class PatternFrame {
  /** Length of 1 in the polygon's coordinates: the longer side of its box. */
  readonly unit: number
  /** Half the width of the polygon's box, at most 0.5. */
  readonly halfWidth: number
  readonly halfHeight: number
  /** Where cuts end: somewhat outside of the box. */
  readonly reach: Bounds
  /** The polygon's points in this frame, its rings as they were. */
  readonly coords: Float64Array
  readonly ringEnds: Int32Array
  readonly #midX: number
  readonly #midY: number

  constructor({ coords, ringEnds }: Polygon) {
    let minX = Number.POSITIVE_INFINITY
    let minY = Number.POSITIVE_INFINITY
    let maxX = Number.NEGATIVE_INFINITY
    let maxY = Number.NEGATIVE_INFINITY
    const outerEnd = 2 * ringEnds[0]!
    for (let at = 0; at < outerEnd; at += 2) {
      const x = coords[at]!
      const y = coords[at + 1]!
      if (x < minX) minX = x
      if (x > maxX) maxX = x
      if (y < minY) minY = y
      if (y > maxY) maxY = y
    }
    this.unit = Math.max(maxX - minX, maxY - minY)
    this.#midX = minX + (maxX - minX) / 2
    this.#midY = minY + (maxY - minY) / 2
    this.halfWidth = (maxX - minX) / 2 / this.unit
    this.halfHeight = (maxY - minY) / 2 / this.unit
    const reachX = this.halfWidth + MARGIN
    const reachY = this.halfHeight + MARGIN
    this.reach = { minX: -reachX, minY: -reachY, maxX: reachX, maxY: reachY }
    this.ringEnds = ringEnds
    this.coords = new Float64Array(coords.length)
    for (let at = 0; at < coords.length; at += 2) {
      this.coords[at] = (coords[at]! - this.#midX) / this.unit
      this.coords[at + 1] = (coords[at + 1]! - this.#midY) / this.unit
    }
  }

  /** A point of the polygon's coordinates, in the frame's: the middle of the box without one, and never endlessly far away. */
  pointOf(point: Point | undefined): Point {
    if (point === undefined) return { x: 0, y: 0 }
    return {
      x: clamp((point.x - this.#midX) / this.unit, FARTHEST),
      y: clamp((point.y - this.#midY) / this.unit, FARTHEST),
    }
  }

  /** The distance from `point` to the farthest corner of the box. */
  farthestFrom({ x, y }: Point): number {
    const dx = Math.abs(x) + this.halfWidth
    const dy = Math.abs(y) + this.halfHeight
    return Math.sqrt(dx * dx + dy * dy)
  }

  /** Whether the point lies in the polygon and in none of its holes. O(points of the polygon). */
  contains(x: number, y: number): boolean {
    const { coords, ringEnds } = this
    let inside = false
    let at = 0
    for (let ring = 0; ring < ringEnds.length; ring++) {
      const end = 2 * ringEnds[ring]!
      let last = end - 2
      let wasAbove = coords[last + 1]! > y
      for (; at < end; at += 2) {
        const isAbove = coords[at + 1]! > y
        if (isAbove !== wasAbove) {
          const x0 = coords[last]!
          const y0 = coords[last + 1]!
          // The side on which the point is, without a division.
          const turn = (coords[at]! - x0) * (y - y0) - (x - x0) * (coords[at + 1]! - y0)
          if (turn > 0 === isAbove) inside = !inside
        }
        wasAbove = isAbove
        last = at
      }
    }
    return inside
  }

  /** The area of the polygon without its holes, in the frame's units. */
  area(): number {
    const { coords, ringEnds } = this
    let area = 0
    let start = 0
    for (let ring = 0; ring < ringEnds.length; ring++) {
      const end = 2 * ringEnds[ring]!
      let twice = 0
      for (let at = start, last = end - 2; at < end; last = at, at += 2) {
        twice += coords[last]! * coords[at + 1]! - coords[at]! * coords[last + 1]!
      }
      area += ring === 0 ? Math.abs(twice) / 2 : -Math.abs(twice) / 2
      start = end
    }
    return area
  }

  /** Where cuts end, in the polygon's coordinates. */
  reachInPolygon(): Bounds {
    const { minX, minY, maxX, maxY } = this.reach
    const corners = this.toPolygon(Float64Array.of(minX, minY, maxX, maxY))
    return { minX: corners[0]!, minY: corners[1]!, maxX: corners[2]!, maxY: corners[3]! }
  }

  /** Brings points of the frame, in place, to the polygon's coordinates. */
  toPolygon(points: Float64Array): Float64Array {
    const { unit } = this
    for (let at = 0; at < points.length; at += 2) {
      points[at] = this.#midX + unit * points[at]!
      points[at + 1] = this.#midY + unit * points[at + 1]!
    }
    return points
  }
}

function clamp(value: number, most: number): number {
  return Math.max(-most, Math.min(most, value))
}
