/**
 * The grid point in whose pixel two lines cross that are not parallel, each through two grid points: exactly, in integers of any size. A
 * pixel has its left and lower sides, not the others. Writes x and y into `out`.
 */
export function exactCrossing(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
  dx: number,
  dy: number,
  out: Float64Array,
): void {
  const abX = BigInt(bx - ax)
  const abY = BigInt(by - ay)
  const cdX = BigInt(dx - cx)
  const cdY = BigInt(dy - cy)
  let above = BigInt(cx - ax) * cdY - BigInt(cy - ay) * cdX
  let below = abX * cdY - abY * cdX
  if (below < 0n) {
    above = -above
    below = -below
  }
  out[0] = ax + Number(rounded(abX * above, below))
  out[1] = ay + Number(rounded(abY * above, below))
}

/** `above / below + 1/2`, rounded down; `below` is above 0. */
function rounded(above: bigint, below: bigint): bigint {
  const doubled = 2n * above + below
  const divisor = 2n * below
  const quotient = doubled / divisor
  return doubled % divisor < 0n ? quotient - 1n : quotient
}
