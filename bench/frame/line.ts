/** `y = base + slope · x`, and how much of what `y` varies it explains. */
export interface Line {
  readonly slope: number
  readonly base: number
  readonly rSquared: number
}

/** The line of least squares. */
export function lineThrough(xs: readonly number[], ys: readonly number[]): Line {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanX, meanY] = [mean(xs), mean(ys)]
  const sumOf = (term: (x: number, y: number) => number) => xs.reduce((sum, x, place) => sum + term(x, ys[place]!), 0)
  const slope = sumOf((x, y) => (x - meanX) * (y - meanY)) / sumOf((x) => (x - meanX) ** 2)
  const base = meanY - slope * meanX
  const unexplained = sumOf((x, y) => (y - base - slope * x) ** 2)
  return { slope, base, rSquared: 1 - unexplained / sumOf((_, y) => (y - meanY) ** 2) }
}
