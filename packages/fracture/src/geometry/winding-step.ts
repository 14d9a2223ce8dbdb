import { orientation } from './orientation.ts'

/**
 * What the edge from the point `a` to `b` adds to how often a border winds around a place that is not on it: 1 where it crosses the ray from
 * there along x upwards, -1 downwards, 0 where it does not. Exact.
 */
export function windingStep(
  x: Float64Array,
  y: Float64Array,
  a: number,
  b: number,
  px: number,
  py: number,
): -1 | 0 | 1 {
  const isUp = y[a]! <= py
  if (isUp === y[b]! <= py) return 0
  if (orientation(x[a]!, y[a]!, x[b]!, y[b]!, px, py) > 0 !== isUp) return 0
  return isUp ? 1 : -1
}
