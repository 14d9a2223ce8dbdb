import { orient2d } from 'robust-predicates'

/**
 * The side of the line from a to b on which c is: above 0 on its left (x to the right, y up), below 0 on its right, 0 on it. The
 * sign is exact: Shewchuk, "Adaptive precision floating-point arithmetic and fast robust geometric predicates", 1997.
 */
export function orientation(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): number {
  // The package's y points down.
  return -orient2d(ax, ay, bx, by, cx, cy)
}
