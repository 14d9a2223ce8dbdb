/** The time of a batch by its size: `fixedMs + perIntentMs × size`. */
export interface BatchTime {
  /** What a batch takes whatever is in it, in ms. */
  readonly fixedMs: number
  /** What an intent adds, in ms. */
  readonly perIntentMs: number
}

/** Batches of one size, and what they took. */
export interface TimedBatch {
  readonly size: number
  readonly ms: number
}

/**
 * The line through measured times, by least squares in shares of the time: what is off by a tenth counts the same at 1 intent and at 5,000. Neither part is ever
 * below 0. Needs two different sizes; of one, all of the time is taken to be by intent.
 */
export function fitBatchTime(batches: readonly TimedBatch[]): BatchTime {
  // Each row is divided by its time: the line is to come to 1 everywhere.
  let [ones, sizes, squares, constants, slopes] = [0, 0, 0, 0, 0]
  for (const { size, ms } of batches) {
    const constant = 1 / ms
    const slope = size / ms
    ones += constant * constant
    sizes += constant * slope
    squares += slope * slope
    constants += constant
    slopes += slope
  }
  const determinant = ones * squares - sizes * sizes
  const perIntentMs = (ones * slopes - sizes * constants) / determinant
  const fixedMs = (squares * constants - sizes * slopes) / determinant
  // Of one size alone, rounding is all that is left of the determinant.
  if (!(determinant > 1e-12 * ones * squares) || fixedMs < 0) return { fixedMs: 0, perIntentMs: slopes / squares }
  if (perIntentMs < 0) return { fixedMs: constants / ones, perIntentMs: 0 }
  return { fixedMs, perIntentMs }
}
