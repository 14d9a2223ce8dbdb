import { checkInteger, checkNumber } from '@millrace/kernel/options'

export interface RecentQuantileOptions {
  /** Share of the samples that are at most as great, above 0 and below 1. */
  readonly quantile: number
  /** How many of the last samples count, 1 to 10,000. */
  readonly samples: number
}

/**
 * The exact quantile of the last samples: it forgets what is past at once, and whole.
 *
 * `observe` is O(samples), of which it moves half, and allocates nothing; a sample that is not finite is ignored.
 */
export class RecentQuantile {
  readonly #quantile: number
  /** The oldest is at {@link #next} once it is full. */
  readonly #recent: Float64Array
  readonly #sorted: Float64Array
  #next = 0
  #count = 0

  constructor(options: RecentQuantileOptions) {
    this.#quantile = checkNumber('RecentQuantile', 'quantile', options.quantile, { above: 0, below: 1 })
    const samples = checkInteger('RecentQuantile', 'samples', options.samples, { min: 1, max: 10_000 })
    this.#recent = new Float64Array(samples)
    this.#sorted = new Float64Array(samples)
  }

  /** Samples that count. */
  get count(): number {
    return this.#count
  }

  /** NaN before the first sample. */
  get value(): number {
    return this.#count === 0 ? Number.NaN : this.#sorted[Math.ceil(this.#quantile * this.#count) - 1]!
  }

  observe(sample: number): void {
    if (!Number.isFinite(sample)) return
    const sorted = this.#sorted
    if (this.#count === sorted.length) {
      const oldest = this.#placeOf(this.#recent[this.#next]!)
      sorted.copyWithin(oldest, oldest + 1, this.#count--)
    }
    this.#recent[this.#next] = sample
    this.#next = (this.#next + 1) % sorted.length
    const place = this.#placeOf(sample)
    sorted.copyWithin(place + 1, place, this.#count++)
    sorted[place] = sample
  }

  /** The first of the sorted samples that is not less. */
  #placeOf(sample: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#sorted[middle]! < sample) low = middle + 1
      else high = middle
    }
    return low
  }
}
