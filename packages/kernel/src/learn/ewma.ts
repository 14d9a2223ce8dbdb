import { checkNumber } from '../options.ts'

/** How fast an {@link Ewma} forgets. */
export interface EwmaOptions {
  /** Weight of the newest sample, above 0 and at most 1: about `1 / alpha` samples are remembered. @default 0.1 */
  readonly alpha?: number
}

/**
 * An exponentially weighted moving average that starts as the plain mean of its first `1 / alpha` samples.
 *
 * `observe` is O(1) and allocates nothing; a sample that is not finite is ignored.
 */
export class Ewma {
  readonly #alpha: number
  #value = Number.NaN
  #count = 0

  constructor(options: EwmaOptions = {}) {
    this.#alpha = checkNumber('Ewma', 'alpha', options.alpha ?? 0.1, { above: 0, max: 1 })
  }

  /** The average; NaN before the first sample. */
  get value(): number {
    return this.#value
  }

  /** Samples observed. */
  get count(): number {
    return this.#count
  }

  observe(sample: number): void {
    if (!Number.isFinite(sample)) return
    this.#count++
    if (this.#count === 1) this.#value = sample
    else this.#value += (sample - this.#value) * Math.max(this.#alpha, 1 / this.#count)
  }

  /** `[value, count]`, or `[]` before the first sample. */
  toJSON(): number[] {
    return this.#count === 0 ? [] : [this.#value, this.#count]
  }

  /** The average that `toJSON` described, or a fresh one when `json` is something else. */
  static from(json: unknown, options: EwmaOptions = {}): Ewma {
    const ewma = new Ewma(options)
    if (!Array.isArray(json) || json.length !== 2) return ewma
    const [value, count]: unknown[] = json
    if (
      typeof value === 'number' &&
      Number.isFinite(value) &&
      typeof count === 'number' &&
      Number.isSafeInteger(count)
    ) {
      if (count < 1) return ewma
      ewma.#value = value
      ewma.#count = count
    }
    return ewma
  }
}
