/** The square of the distance from a point to the segment from a to b. */
export function squaredDistance(px: number, py: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax
  const dy = by - ay
  const along = (px - ax) * dx + (py - ay) * dy
  const length = dx * dx + dy * dy
  if (along <= 0 || length === 0) return (px - ax) ** 2 + (py - ay) ** 2
  if (along >= length) return (px - bx) ** 2 + (py - by) ** 2
  const across = dx * (py - ay) - dy * (px - ax)
  return (across * across) / length
}
