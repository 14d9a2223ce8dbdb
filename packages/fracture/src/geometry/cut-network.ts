/**
 * What cuts a polygon: straight cuts between points, in the polygon's own coordinates.
 *
 * Cuts may lie anywhere, cross one another, overlap, and end anywhere; what of them separates nothing has no effect. Those that
 * meet do so in a point they share by its number, or wherever they cross.
 */
export interface CutNetwork {
  /** `x0, y0, x1, y1, …`, finite; a point may be far outside the polygon. */
  readonly points: Float64Array
  /** Of each cut, the numbers of the two points it joins. */
  readonly cuts: Int32Array
}
