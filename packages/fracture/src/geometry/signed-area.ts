/** The area of the ring of the points from `start` to `end`, above 0 where it runs with its inside on the left (x right, y up). */
export function signedArea(x: Float64Array, y: Float64Array, start: number, end: number): number {
  const baseX = x[start]!
  const baseY = y[start]!
  let doubled = 0
  let lastX = x[end - 1]! - baseX
  let lastY = y[end - 1]! - baseY
  for (let point = start; point < end; point++) {
    const nextX = x[point]! - baseX
    const nextY = y[point]! - baseY
    doubled += lastX * nextY - nextX * lastY
    lastX = nextX
    lastY = nextY
  }
  return doubled / 2
}
