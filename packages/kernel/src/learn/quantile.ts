import { checkNumber } from '../options.ts'

/** Which quantile a {@link Quantile} estimates. */
export interface QuantileOptions {
  /** Share of the samples below it, above 0 and below 1: 0.5 is the median. */
  readonly quantile: number
}

const MARKERS = 5

/**
 * Estimates one quantile of a stream from five markers, without keeping the samples.
 *
 * Exact up to five samples, then an estimate between the least and the greatest sample. `observe` is O(1) and allocates
 * nothing; a sample that is not finite is ignored.
 *
 * P²: Jain and Chlamtac, "The P² algorithm for dynamic calculation of quantiles and histograms without storing
 * observations", CACM 28(10), 1985.
 */
export class Quantile {
  readonly #quantile: number
  /** Rising: least sample, quantile / 2, quantile, (1 + quantile) / 2, greatest sample. */
  readonly #heights = new Float64Array(MARKERS)
  /** How many samples are at most as high as each marker. */
  readonly #positions = Float64Array.of(1, 2, 3, 4, 5)
  /** Where, as a share of the samples, each marker ought to stand. */
  readonly #shares: Float64Array
  #count = 0

  constructor(options: QuantileOptions) {
    const quantile = checkNumber('Quantile', 'quantile', options.quantile, { above: 0, below: 1 })
    this.#quantile = quantile
    this.#shares = Float64Array.of(0, quantile / 2, quantile, (1 + quantile) / 2, 1)
  }

  /** Samples observed. */
  get count(): number {
    return this.#count
  }

  /** The estimate; NaN before the first sample. */
  get value(): number {
    if (this.#count === 0) return Number.NaN
    if (this.#count > MARKERS) return this.#heights[2]!
    return this.#heights[Math.ceil(this.#quantile * this.#count) - 1]!
  }

  observe(sample: number): void {
    if (!Number.isFinite(sample)) return
    if (this.#count < MARKERS) this.#insert(sample)
    else this.#place(sample)
    this.#count++
    if (this.#count > MARKERS) for (let marker = 1; marker < MARKERS - 1; marker++) this.#adjust(marker)
  }

  /** Forgets every sample. Allocates nothing. */
  reset(): void {
    for (let marker = 0; marker < MARKERS; marker++) this.#positions[marker] = marker + 1
    this.#count = 0
  }

  /** Heights, then positions; of the first five samples the heights only. */
  toJSON(): number[] {
    return this.#count < MARKERS ? [...this.#heights.subarray(0, this.#count)] : [...this.#heights, ...this.#positions]
  }

  /** The estimate that `toJSON` described, or a fresh one when `json` is something else. */
  static from(json: unknown, options: QuantileOptions): Quantile {
    const estimate = new Quantile(options)
    if (!Array.isArray(json) || !json.every(Number.isFinite)) return estimate
    const numbers: number[] = json
    if (numbers.length < MARKERS) {
      for (const sample of numbers) estimate.observe(sample)
    } else if (numbers.length === 2 * MARKERS) {
      const heights = numbers.slice(0, MARKERS)
      const positions = numbers.slice(MARKERS)
      const sound =
        heights.every((height, marker) => marker === 0 || height >= heights[marker - 1]!) &&
        positions.every((position, marker) =>
          marker === 0 ? position === 1 : Number.isSafeInteger(position) && position > positions[marker - 1]!,
        )
      if (!sound) return estimate
      estimate.#heights.set(heights)
      estimate.#positions.set(positions)
      estimate.#count = positions[MARKERS - 1]!
    }
    return estimate
  }

  /** The first samples are kept, sorted: they become the markers. */
  #insert(sample: number): void {
    let marker = this.#count
    for (; marker > 0 && this.#heights[marker - 1]! > sample; marker--) {
      this.#heights[marker] = this.#heights[marker - 1]!
    }
    this.#heights[marker] = sample
  }

  /** The sample moves on by one every marker above it. */
  #place(sample: number): void {
    const heights = this.#heights
    if (sample < heights[0]!) heights[0] = sample
    if (sample > heights[MARKERS - 1]!) heights[MARKERS - 1] = sample
    this.#positions[MARKERS - 1]!++
    for (let marker = MARKERS - 2; marker > 0 && sample < heights[marker]!; marker--) this.#positions[marker]!++
  }

  /**
   * A marker that is off by a whole place or more moves by one, along a parabola where that keeps the heights in order.
   */
  #adjust(marker: number): void {
    const positions = this.#positions
    const heights = this.#heights
    const position = positions[marker]!
    const toLower = position - positions[marker - 1]!
    const toUpper = positions[marker + 1]! - position
    const off = 1 + (this.#count - 1) * this.#shares[marker]! - position
    const step = off >= 1 && toUpper > 1 ? 1 : off <= -1 && toLower > 1 ? -1 : 0
    if (step === 0) return

    const height = heights[marker]!
    const lower = heights[marker - 1]!
    const upper = heights[marker + 1]!
    const slopeDown = (height - lower) / toLower
    const slopeUp = (upper - height) / toUpper
    const parabolic =
      height + (step / (toUpper + toLower)) * ((toLower + step) * slopeUp + (toUpper - step) * slopeDown)
    const inOrder = parabolic > lower && parabolic < upper
    heights[marker] = inOrder ? parabolic : height + step * (step === 1 ? slopeUp : slopeDown)
    positions[marker] = position + step
  }
}
