import { MillraceError } from '../errors.ts'
import { checkInteger, checkNumber } from '../options.ts'

/** The range and the precision of a {@link Histogram}. */
export interface HistogramOptions {
  /** Least value told apart from 0, in the unit recorded, above 0. @default 0.001 */
  readonly lowest?: number
  /** Greatest value told apart from greater ones, in the unit recorded, above `lowest`. @default 1e9 */
  readonly highest?: number
  /** Each doubling of the value has `2 ** precisionBits` buckets; 1 to 14. @default 7 */
  readonly precisionBits?: number
}

/** One number seen as the two halves of its IEEE 754 bits, of which the high one has exponent and leading mantissa. */
const float = new Float64Array([1])
const halves = new Uint32Array(float.buffer)
const HIGH = halves[1] === 0 ? 0 : 1
const LOW = 1 - HIGH
const MANTISSA_BITS_IN_HIGH = 20
/** Below this the mantissa loses bits, and buckets their relative width. */
const LEAST_NORMAL = 2 ** -1022
const NATURAL = { min: 0 } as const

/**
 * Counts values in buckets that widen with the value, in one typed array of fixed size.
 *
 * A percentile is off by at most `2 ** -(precisionBits + 1)` of its value (0.4 % by default) between `lowest` and
 * `highest`. Values below count as just below `lowest`; values above count as the highest bucket. `count`, `mean`,
 * `min` and `max` are exact. `record` is O(1) and allocates nothing.
 *
 * Log-linear buckets as in HdrHistogram (Tene, 2012), but taken from the bits of the floating-point number.
 */
export class Histogram {
  readonly #shift: number
  /** The leading bits that fall in bucket 0, the one below that of `lowest`; lower values fall there too. */
  readonly #base: number
  readonly #counts: Float64Array
  #count = 0
  #sum = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY

  constructor(options: HistogramOptions = {}) {
    const lowest = checkNumber('Histogram', 'lowest', options.lowest ?? 1e-3, { min: LEAST_NORMAL })
    const highest = checkNumber('Histogram', 'highest', options.highest ?? 1e9, { above: lowest })
    const bits = checkInteger('Histogram', 'precisionBits', options.precisionBits ?? 7, { min: 1, max: 14 })
    this.#shift = MANTISSA_BITS_IN_HIGH - bits
    this.#base = (leadingBits(lowest) >>> this.#shift) - 1
    this.#counts = new Float64Array((leadingBits(highest) >>> this.#shift) - this.#base + 1)
  }

  /** Values recorded. */
  get count(): number {
    return this.#count
  }

  /** The mean of the values; NaN when there is none. */
  get mean(): number {
    return this.#sum / this.#count
  }

  /** The least value; NaN when there is none. */
  get min(): number {
    return this.#count === 0 ? Number.NaN : this.#min
  }

  /** The greatest value; NaN when there is none. */
  get max(): number {
    return this.#count === 0 ? Number.NaN : this.#max
  }

  /**
   * Counts `value`, `count` times over in one step; 0 times is nothing.
   * @throws {MillraceError} `HISTOGRAM_VALUE_INVALID` when `value` is negative, infinite or NaN; `OPTION_INVALID` when
   * `count` is no integer of at least 0.
   */
  record(value: number, count = 1): void {
    if (!(value >= 0 && value <= Number.MAX_VALUE)) refuse(value)
    if (count !== 1 && checkInteger('Histogram', 'count', count, NATURAL) === 0) return
    this.#counts[this.#bucketOf(value)]! += count
    this.#count += count
    this.#sum += value * count
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }

  /**
   * The value that `p` percent of the values do not exceed; `p` from 0, the least, to 100, the greatest, which are
   * exact. NaN when there is no value. O(buckets).
   * @throws {MillraceError} `OPTION_INVALID` when `p` is out of range.
   */
  percentile(p: number): number {
    checkNumber('Histogram', 'p', p, { min: 0, max: 100 })
    if (this.#count === 0) return Number.NaN
    const rank = Math.ceil((p / 100) * this.#count)
    if (rank <= 1) return this.#min
    if (rank >= this.#count) return this.#max
    const bucket = p < 50 ? this.#rankFromBelow(rank) : this.#rankFromAbove(rank)
    return Math.min(this.#max, Math.max(this.#min, this.#middleOf(bucket)))
  }

  /**
   * Adds the values of `other`, which stays as it is.
   * @throws {MillraceError} `HISTOGRAM_MISMATCH` unless both were made with the same options.
   */
  merge(other: Histogram): void {
    if (other.#base !== this.#base || other.#shift !== this.#shift || other.#counts.length !== this.#counts.length) {
      throw new MillraceError(
        'HISTOGRAM_MISMATCH',
        'Histogram: cannot merge one with other buckets; make both with the same lowest, highest and precisionBits',
      )
    }
    for (let bucket = 0; bucket < this.#counts.length; bucket++) this.#counts[bucket]! += other.#counts[bucket]!
    this.#count += other.#count
    this.#sum += other.#sum
    this.#min = Math.min(this.#min, other.#min)
    this.#max = Math.max(this.#max, other.#max)
  }

  /** Forgets every value. */
  reset(): void {
    this.#counts.fill(0)
    this.#count = 0
    this.#sum = 0
    this.#min = Number.POSITIVE_INFINITY
    this.#max = Number.NEGATIVE_INFINITY
  }

  /** The bucket of the value with `rank`, counted up from the least. */
  #rankFromBelow(rank: number): number {
    let bucket = this.#bucketOf(this.#min)
    for (let seen = this.#counts[bucket]!; seen < rank; seen += this.#counts[bucket]!) bucket++
    return bucket
  }

  /** The same, counted down from the greatest: who asks for a high percentile need not pass all below it. */
  #rankFromAbove(rank: number): number {
    let bucket = this.#bucketOf(this.#max)
    for (let below = this.#count - this.#counts[bucket]!; below >= rank; below -= this.#counts[bucket]!) bucket--
    return bucket
  }

  #bucketOf(value: number): number {
    const bucket = (leadingBits(value) >>> this.#shift) - this.#base
    return bucket < 0 ? 0 : bucket >= this.#counts.length ? this.#counts.length - 1 : bucket
  }

  #middleOf(bucket: number): number {
    halves[HIGH] = ((this.#base + bucket) << this.#shift) | (1 << (this.#shift - 1))
    halves[LOW] = 0
    return float[0]!
  }
}

/** PERF: a float's own exponent finds the bucket without a logarithm; bench/kernel/histogram.bench.ts. */
function leadingBits(value: number): number {
  float[0] = value
  return halves[HIGH]!
}

function refuse(value: number): never {
  throw new MillraceError('HISTOGRAM_VALUE_INVALID', `Histogram: a value must be finite and at least 0, not ${value}`, {
    detail: { value },
  })
}
