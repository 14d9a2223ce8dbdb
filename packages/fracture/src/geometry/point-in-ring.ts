import { windingStep } from './winding-step.ts'

/** Whether a point that is not on the ring of the points from `start` to `end` lies inside of it, whatever its winding. Exact. O(n). */
export function isInRing(
  x: Float64Array,
  y: Float64Array,
  start: number,
  end: number,
  px: number,
  py: number,
): boolean {
  let winding = 0
  let last = end - 1
  for (let point = start; point < end; point++) {
    winding += windingStep(x, y, last, point, px, py)
    last = point
  }
  return (winding & 1) === 1
}
