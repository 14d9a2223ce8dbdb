import { orientation } from './orientation.ts'

/** Whether a point that is not on the ring of the points from `start` to `end` lies inside of it, whatever its winding. Exact. O(n). */
export function isInRing(
  x: Float64Array,
  y: Float64Array,
  start: number,
  end: number,
  px: number,
  py: number,
): boolean {
  let isInside = false
  let last = end - 1
  for (let point = start; point < end; point++) {
    if (y[last]! <= py !== y[point]! <= py) {
      const isUp = y[last]! <= py
      if (orientation(x[last]!, y[last]!, x[point]!, y[point]!, px, py) > 0 === isUp) isInside = !isInside
    }
    last = point
  }
  return isInside
}
