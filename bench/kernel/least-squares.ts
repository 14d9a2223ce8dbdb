/** The least that learns a line: recursive least squares with plain forgetting, two by two, in a typed array. */
export type Line = Float64Array

const FORGETTING = 0.99

/** Intercept, slope, and the covariance's three numbers. */
export function newLine(): Line {
  return Float64Array.of(0, 0, 1000, 0, 1000)
}

export function observe(line: Line, x: number, y: number): void {
  const a = line[2]! + line[3]! * x
  const b = line[3]! + line[4]! * x
  const scale = 1 / (FORGETTING + a + b * x)
  const gain = scale * (y - line[0]! - line[1]! * x)
  line[0]! += gain * a
  line[1]! += gain * b
  line[2] = (line[2]! - scale * a * a) / FORGETTING
  line[3] = (line[3]! - scale * a * b) / FORGETTING
  line[4] = (line[4]! - scale * b * b) / FORGETTING
}

export function predict(line: Line, x: number): number {
  return line[0]! + line[1]! * x
}
