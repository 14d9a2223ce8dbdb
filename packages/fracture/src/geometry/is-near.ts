/**
 * Whether a point is nearer to the segment between the points `a` and `b` than the root of `squared`. PERF: takes numbers of points, not
 * coordinates, which V8 would put into objects on the way; bench/fracture/cutting.bench.ts.
 */
export function isNear(
  x: Float64Array,
  y: Float64Array,
  point: number,
  a: number,
  b: number,
  squared: number,
): boolean {
  const px = x[point]! - x[a]!
  const py = y[point]! - y[a]!
  const dx = x[b]! - x[a]!
  const dy = y[b]! - y[a]!
  const length = dx * dx + dy * dy
  const across = dx * py - dy * px
  if (across * across >= squared * length) return false
  const along = px * dx + py * dy
  if (along <= 0) return px * px + py * py < squared
  if (along < length) return true
  const qx = px - dx
  const qy = py - dy
  return qx * qx + qy * qy < squared
}
