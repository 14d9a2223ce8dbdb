import { Regression } from './regression.ts'

/** Samples before anything is an outlier. */
const SETTLED_AFTER = 3
/** Samples, and how many times larger the largest size among them is than the smallest, before the fit is trusted. */
const TRUSTED_AFTER = 4
const TRUSTED_RANGE = 1.3
/** A fit that is usually off by more than this share of the time says nothing. */
const TRUSTED_SPREAD = 0.5

/** A time counts as at most this many times what was to be expected: an outlier moves the fit by a few percent. */
const CLIP = 2
/** A residual this many times the usual one is an outlier's, and counts no more than that in what is usual (Huber). */
const OUTLIER = 3
/** So many outliers on the same side, one after the other, are none: the times have changed. */
const CHANGED_AFTER = 3

/** The usual residual at first, and the least and most believed of it, as shares of the time. */
const FIRST_SPREAD = 0.2
const LEAST_SPREAD = 0.02
const MOST_SPREAD = 1
/** The weight of the newest sample in it. */
const ALPHA = 0.1
/** From the mean residual to the standard deviation, where it is normal. */
const TO_DEVIATION = 1.25

/** How unsure a fit is of its factors at first, after a change, and at most by forgetting: variances, for a noise of 1. */
const FIRST_VARIANCE = 1000
const VARIANCE = 10

/** The least time told apart, in ms. */
const LEAST_MS = 1e-3
/** Where one part of a fit is below 0, the whole is expected to be no less than this share of the other. */
const LEAST_OF_PART = 0.25
/** The least share of an expected time that each of its two parts is believed to be, where the fit starts anew. */
const LEAST_SHARE = 0.05

/**
 * The time of a batch by its size, `fixedMs + perItemMs × items`: least squares in shares of the time, old samples fading.
 *
 * An outlier moves it by little; several in a row on the same side move it at once, both parts in proportion. `observe`
 * is O(1), and makes an object only then.
 */
export class BatchTime {
  readonly #forgetting: number
  /** The two parts of the time as they were first believed; the fit is of factors on them. */
  #fixedMs = 0
  #perItemMs = 0
  #fit: Regression
  #spread = FIRST_SPREAD
  #count = 0
  #least = Number.POSITIVE_INFINITY
  #most = 0
  #lastItems = 1
  #lastMs = 0
  /** Outliers in a row: above 0 too slow, below 0 too fast; and of their times the one nearest to what was expected. */
  #run = 0
  #nearest = 1
  readonly #row = new Float64Array(3)

  constructor(forgetting: number) {
    this.#forgetting = forgetting
    this.#fit = this.#freshFit(FIRST_VARIANCE)
  }

  /** What a batch takes whatever its size, in ms. */
  get fixedMs(): number {
    return this.#fit.coefficients[0]! * this.#fixedMs
  }

  /** What an item adds, in ms. */
  get perItemMs(): number {
    return this.#fit.coefficients[1]! * this.#perItemMs
  }

  /** How far a time usually is from the expected one, as a share of that: a standard deviation. */
  get spread(): number {
    return this.#spread
  }

  /** Whether sizes were different enough, and times regular enough, for the two parts to be told apart. */
  get isTrusted(): boolean {
    return (
      this.#count >= TRUSTED_AFTER &&
      this.#most >= TRUSTED_RANGE * this.#least &&
      this.#spread <= TRUSTED_SPREAD &&
      this.perItemMs > 0
    )
  }

  /** The expected time of a batch, in ms. */
  predict(items: number): number {
    const fixed = this.fixedMs
    const added = this.perItemMs * items
    return Math.max(LEAST_MS, fixed + added, LEAST_OF_PART * Math.max(fixed, added))
  }

  /** Learns that a batch of `items`, at least 1, took `ms`. */
  observe(items: number, ms: number): void {
    const actual = Math.max(ms, LEAST_MS)
    if (this.#count === 0) this.#begin(actual / 2, actual / 2 / items, FIRST_VARIANCE)
    const expected = this.predict(items)
    // Beyond the sizes seen an expected time is only extrapolated.
    const isKnownSize = items >= this.#least && items <= this.#most
    if (isKnownSize && this.#count >= SETTLED_AFTER) this.#compare(actual / expected)
    // What the one before took bounds it too, lest a fit gone astray shuts out what would put it right.
    const bound = Math.max(expected, this.#lastMs * Math.max(1, items / this.#lastItems))
    this.#learn(items, Math.min(actual, CLIP * bound))
    this.#lastItems = items
    this.#lastMs = actual
    this.#count++
    this.#least = Math.min(this.#least, items)
    this.#most = Math.max(this.#most, items)
    if (Math.abs(this.#run) >= CHANGED_AFTER) this.#change(items, expected)
  }

  /** Learns what is usual from a time, as a multiple of the expected one; an outlier is added to those before. */
  #compare(ratio: number): void {
    const off = Math.abs(ratio - 1)
    const most = OUTLIER * this.#spread
    const spread = this.#spread + ALPHA * (TO_DEVIATION * Math.min(off, most) - this.#spread)
    this.#spread = Math.min(Math.max(spread, LEAST_SPREAD), MOST_SPREAD)
    if (off <= most) {
      this.#run = 0
      return
    }
    const side = Math.sign(ratio - 1)
    const goesOn = this.#run * side > 0
    this.#run = goesOn ? this.#run + side : side
    if (!goesOn || off < Math.abs(this.#nearest - 1)) this.#nearest = ratio
  }

  #learn(items: number, ms: number): void {
    // Errors are in proportion to the time; and a fit gone astray must not give a sample more weight than its own time does.
    const weight = 1 / Math.max(this.predict(items), ms)
    this.#row[0] = weight * this.#fixedMs
    this.#row[1] = weight * this.#perItemMs * items
    this.#row[2] = weight * ms
    this.#fit.observe(this.#row)
  }

  /** All takes `nearest` times what was expected: which of the two parts it is, samples to come will tell. */
  #change(items: number, expected: number): void {
    const total = expected * this.#nearest
    const fixedMs = Math.min(Math.max(this.fixedMs * this.#nearest, LEAST_SHARE * total), (1 - LEAST_SHARE) * total)
    this.#begin(fixedMs, (total - fixedMs) / items, VARIANCE)
    this.#run = 0
  }

  #begin(fixedMs: number, perItemMs: number, variance: number): void {
    this.#fixedMs = fixedMs
    this.#perItemMs = perItemMs
    this.#fit = this.#freshFit(variance)
  }

  #freshFit(initialVariance: number): Regression {
    return new Regression({
      dimension: 2,
      forgetting: this.#forgetting,
      initial: [1, 1],
      initialVariance,
      maxVariance: VARIANCE,
    })
  }
}
