import type { CutNetwork } from '../geometry/cut-network.ts'
import type { Bounds, Point } from '../polygon/polygon.ts'
import { SliceNetwork } from './slices/slice-network.ts'

/** Seeds nearer than this, about a millionth of the polygon, are one: numbers do not tell their borders apart, and no eye does. */
export const LEAST_DISTANCE = 2 ** -20

/** A line on which seeds are, through the first of them. */
interface SeedLine {
  readonly start: Point
  /** Of length 1. */
  readonly direction: Point
}

/**
 * The line of seeds that are all nearer to one than {@link LEAST_DISTANCE}, or `undefined`. O(n), allocates nothing when there is none.
 *
 * The triangles of such seeds are so flat that a triangulation puts them in order by rounding errors, and loses some.
 */
export function lineThrough(seeds: Float64Array): SeedLine | undefined {
  const x = seeds[0] ?? 0
  const y = seeds[1] ?? 0
  let farthest = 0
  let dx = 1
  let dy = 0
  for (let at = 2; at < seeds.length; at += 2) {
    const toX = seeds[at]! - x
    const toY = seeds[at + 1]! - y
    const square = toX * toX + toY * toY
    if (square <= farthest) continue
    farthest = square
    dx = toX
    dy = toY
  }
  const length = Math.sqrt(dx * dx + dy * dy)
  for (let at = 2; at < seeds.length; at += 2) {
    const off = (seeds[at]! - x) * dy - (seeds[at + 1]! - y) * dx
    if (Math.abs(off) >= LEAST_DISTANCE * length) return undefined
  }
  return { start: { x, y }, direction: { x: dx / length, y: dy / length } }
}

/** Borders half way between seeds on a line, straight across it. */
export function bordersAcross({ start, direction }: SeedLine, reach: Bounds, seeds: Float64Array): CutNetwork {
  const network = new SliceNetwork(reach)
  const places = new Float64Array(seeds.length / 2)
  for (let seed = 0; seed < places.length; seed++) {
    places[seed] = (seeds[2 * seed]! - start.x) * direction.x + (seeds[2 * seed + 1]! - start.y) * direction.y
  }
  places.sort()
  const across = { x: -direction.y, y: direction.x }
  let last = places[0] ?? 0
  for (const place of places) {
    if (place - last < LEAST_DISTANCE) continue
    const middle = (last + place) / 2
    network.addLine({ x: start.x + middle * direction.x, y: start.y + middle * direction.y }, across)
    last = place
  }
  return network.finish()
}
