import fc from 'fast-check'
import type { Polygon } from '../../src/polygon/polygon.ts'

/** A polygon of rings, each all numbers in a row. */
export function polygonOf(...rings: readonly (readonly number[])[]): Polygon {
  const ringEnds: number[] = []
  for (const ring of rings) ringEnds.push((ringEnds.at(-1) ?? 0) + ring.length / 2)
  return { coords: Float64Array.from(rings.flat()), ringEnds: Int32Array.from(ringEnds) }
}

export function boxOf(width: number, height: number, x = 0, y = 0): Polygon {
  return polygonOf([x, y, x + width, y, x + width, y + height, x, y + height])
}

/** A star of `points` points whose notches are `inner` of the way out. */
export function starOf(points: number, inner: number): Polygon {
  const ring: number[] = []
  for (let at = 0; at < 2 * points; at++) {
    const angle = (at * Math.PI) / points
    const radius = at % 2 === 0 ? 100 : 100 * inner
    ring.push(radius * Math.cos(angle), radius * Math.sin(angle))
  }
  return polygonOf(ring)
}

/** A square with a square hole that leaves a frame. */
export const holed = polygonOf([0, 0, 100, 0, 100, 100, 0, 100], [20, 20, 20, 80, 80, 80, 80, 20])

export const angled = polygonOf([0, 0, 90, 0, 90, 30, 30, 30, 30, 120, 0, 120])

/** The same polygon, larger and elsewhere. */
export function moved({ coords, ringEnds }: Polygon, scale: number, x: number, y: number): Polygon {
  return { coords: coords.map((value, at) => value * scale + (at % 2 === 0 ? x : y)), ringEnds }
}

/** Polygons of all kinds, of all sizes and in all places. */
export const polygons = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(holed, angled, boxOf(100, 100), boxOf(300, 20)),
      fc
        .tuple(fc.integer({ min: 3, max: 20 }), fc.double({ min: 0.2, max: 0.9, noNaN: true }))
        .map(([points, inner]) => starOf(points, inner)),
    ),
    fc.constantFrom(1e-12, 1e-3, 1, 7, 1e12),
    fc.constantFrom([0, 0], [-30, 1000], [1e4, -1e4]),
  )
  .map(([polygon, scale, [x, y]]) => moved(polygon, scale, x! * scale, y! * scale))

/** How many cuts of a network a straight way from one point to another crosses; one that ends on a cut may count either way. */
export function cutsBetween(
  { points, cuts }: { points: Float64Array; cuts: Int32Array },
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
): number {
  let count = 0
  for (let at = 0; at < cuts.length; at += 2) {
    const ax = points[2 * cuts[at]!]!
    const ay = points[2 * cuts[at]! + 1]!
    const bx = points[2 * cuts[at + 1]!]!
    const by = points[2 * cuts[at + 1]! + 1]!
    const apart = sideOf(fromX, fromY, toX, toY, ax, ay) !== sideOf(fromX, fromY, toX, toY, bx, by)
    if (apart && sideOf(ax, ay, bx, by, fromX, fromY) !== sideOf(ax, ay, bx, by, toX, toY)) count++
  }
  return count
}

/** Pairs of cuts that cross each other elsewhere than at a point both have. */
export function crossings(network: { points: Float64Array; cuts: Int32Array }, tolerance: number): number {
  const all = cutsOf(network)
  let count = 0
  for (let first = 0; first < all.length; first++) {
    for (let second = 0; second < first; second++) {
      const [a, b] = all[first]!
      const [c, d] = all[second]!
      if (isAcross(a, b, c, d, tolerance) && isAcross(c, d, a, b, tolerance)) count++
    }
  }
  return count
}

interface Place {
  readonly x: number
  readonly y: number
}

/** Whether `c` and `d` lie on different sides of the line through `a` and `b`, both farther from it than `tolerance`. */
function isAcross(a: Place, b: Place, c: Place, d: Place, tolerance: number): boolean {
  const length = Math.hypot(b.x - a.x, b.y - a.y)
  const offC = ((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)) / length
  const offD = ((b.x - a.x) * (d.y - a.y) - (b.y - a.y) * (d.x - a.x)) / length
  return (offC > tolerance && offD < -tolerance) || (offC < -tolerance && offD > tolerance)
}

function sideOf(ax: number, ay: number, bx: number, by: number, x: number, y: number): boolean {
  return (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0
}

/** A network's cuts as pairs of points. */
export function cutsOf({
  points,
  cuts,
}: {
  points: Float64Array
  cuts: Int32Array
}): readonly (readonly [Place, Place])[] {
  const place = (point: number) => ({ x: points[2 * point]!, y: points[2 * point + 1]! })
  return Array.from(
    { length: cuts.length / 2 },
    (_, cut) => [place(cuts[2 * cut]!), place(cuts[2 * cut + 1]!)] as const,
  )
}
