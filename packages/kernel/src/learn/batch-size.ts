import { checkInteger, checkNumber } from '../options.ts'
import { BatchTime } from './batch-time.ts'

/** What the size of batches is to be, and how it is found. */
export interface BatchSizeOptions {
  /** Items in a batch at first, from `min` to `max`. */
  readonly initial: number
  /** Least size, at least 1. */
  readonly min: number
  /** Greatest size. */
  readonly max: number
  /** Longest time a batch shall take, in ms, above 0. */
  readonly latencyMs: number
  /** What a step changes where the size is found by trying, as a share: above 0, at most 0.5. @default 0.15 */
  readonly adjustmentFactor?: number
  /** Share of items failing above which batches get smaller, 0 to 1. @default 0.01 */
  readonly errorRateThreshold?: number
  /** Items a second that are enough: batches do not grow beyond what gives them. Above 0. @default Infinity */
  readonly throughputTarget?: number
  /** Weight of a batch relative to the next one, above 0 and at most 1. @default 0.97 */
  readonly forgetting?: number
}

/** What became of a batch. */
export interface BatchSample {
  /** At least 1. */
  readonly items: number
  readonly ms: number
  /** Whether it left because it was full: only then is there more to put into a batch. */
  readonly isFull: boolean
  /** Items of it that failed. */
  readonly failures: number
  /** Whether it was given up; its time is then not learned from. */
  readonly isTimeout: boolean
}

/** The size stays while the one aimed at is no farther from it than this share. */
const DEADBAND = 0.1
/** Batches do not grow where what each takes whatever its size is at most this share of its time: little is to be had. */
const KNEE_SHARE = 0.05
/** How much larger than one that was tried a batch may become, and how much smaller than before. */
const MOST_GROWTH = 2
const MOST_SHRINKING = 4
/** What becomes of the size after a timeout, or with too many failures. */
const BACK_OFF = 0.5
/**
 * How many standard deviations of the time are left free below the objective, and the least share that is; but never more
 * than half of what `fixedMs` leaves, for else noise would take all. One batch in a hundred is 2.3 of them late; the rest
 * is for what the fit and the deadband are off by.
 */
const MARGIN = 3
const LEAST_MARGIN = 0.05
/** After so many full batches of about one size, one is so much smaller: without different sizes nothing is learned. */
const PROBE_AFTER = 12
const PROBE_SHARE = 0.5
/** A batch of at least this share of the size may change the size; smaller ones when so many in a row are too slow. */
const TELLING_SHARE = 0.45
const SLOW_FOR_SURE = 3
/** The weight of failures relative to those of the next batch. */
const FAILURES_FADE = 0.9

/**
 * Finds the size of batches that gives most within a latency objective.
 *
 * Learns the time of a batch as `fixedMs + perItemMs × items`, and aims at the largest size that stays within
 * `latencyMs`; but grows neither beyond the knee, where a larger batch gives hardly more, nor beyond what
 * `throughputTarget` needs, nor unless batches fill. Within 10 % of the aim nothing changes. While the two parts cannot
 * be told apart it gropes: by doubling first, then up and down by `adjustmentFactor` (AIMD). A timeout halves the size,
 * and so does a share of failures above the threshold; clean full batches win it back step by step.
 *
 * A batch that is slow by chance moves the size by little; three in a row are believed. Every so often a batch is
 * smaller, to learn from. `observe` is O(1) and allocates nothing but when that happens.
 */
export class BatchSize {
  readonly #min: number
  readonly #max: number
  readonly #latencyMs: number
  readonly #adjustment: number
  readonly #errorRateThreshold: number
  readonly #throughputTarget: number
  readonly #time: BatchTime
  #size: number
  /** What timeouts and failures leave of the size. */
  #ceiling: number
  /** Failures and items, fading. */
  #failures = 0
  #items = 0
  /** Batches in a row above the objective. */
  #slow = 0
  #untilProbe = PROBE_AFTER
  #isProbing = false

  constructor(options: BatchSizeOptions) {
    const min = checkInteger('BatchSize', 'min', options.min, { min: 1 })
    const max = checkInteger('BatchSize', 'max', options.max, { min })
    this.#min = min
    this.#max = max
    this.#size = checkInteger('BatchSize', 'initial', options.initial, { min, max })
    this.#ceiling = max
    this.#latencyMs = checkNumber('BatchSize', 'latencyMs', options.latencyMs, { above: 0 })
    const { adjustmentFactor = 0.15, errorRateThreshold = 0.01, forgetting = 0.97 } = options
    this.#adjustment = checkNumber('BatchSize', 'adjustmentFactor', adjustmentFactor, { above: 0, max: 0.5 })
    this.#errorRateThreshold = checkNumber('BatchSize', 'errorRateThreshold', errorRateThreshold, { min: 0, max: 1 })
    const enough = options.throughputTarget ?? Number.POSITIVE_INFINITY
    this.#throughputTarget = checkNumber('BatchSize', 'throughputTarget', enough, {
      above: 0,
      max: Number.POSITIVE_INFINITY,
    })
    this.#time = new BatchTime(checkNumber('BatchSize', 'forgetting', forgetting, { above: 0, max: 1 }))
  }

  /** Items for the next batch. */
  get size(): number {
    return this.#isProbing ? Math.max(this.#min, Math.round(this.#size * PROBE_SHARE)) : this.#size
  }

  /** What it stands at: the size without what is tried out, and the time of a batch; by groping unless trusted. */
  get learned(): { size: number; fixedMs: number; perItemMs: number; isTrusted: boolean } {
    const { fixedMs, perItemMs } = this.#time
    return { size: this.#size, fixedMs: Math.max(0, fixedMs), perItemMs, isTrusted: this.#isTrusted() }
  }

  /** Learns from a batch. One without items, or with a time that is negative or not finite, is ignored. */
  observe(sample: BatchSample): void {
    const { items, ms, isFull, failures, isTimeout } = sample
    if (!(items >= 1 && (isTimeout || (ms >= 0 && Number.isFinite(ms))))) return
    const isFailing = this.#countFailures(items, failures)
    if (isTimeout || isFailing) {
      this.#backOff(items)
      if (isTimeout) return
    } else if (isFull) {
      this.#ceiling = Math.min(this.#max, this.#ceiling * (1 + this.#adjustment))
    }
    this.#time.observe(items, ms)
    this.#slow = ms > this.#latencyMs ? this.#slow + 1 : 0
    // A small batch says little of what a large one takes, unless even that is too slow again and again.
    if (items >= this.#size * TELLING_SHARE || this.#slow >= SLOW_FOR_SURE) {
      this.#move(this.#isTrusted() ? this.#aim() : this.#grope(items, ms), isFull ? items * MOST_GROWTH : 0)
    }
    this.#planProbe(isFull)
  }

  #countFailures(items: number, failures: number): boolean {
    this.#failures = this.#failures * FAILURES_FADE + failures
    this.#items = this.#items * FAILURES_FADE + items
    // One failure alone is no rate.
    return this.#failures > Math.max(1, this.#errorRateThreshold * this.#items)
  }

  /** A batch that takes less than nothing whatever its size: such a fit is of outliers. */
  #isTrusted(): boolean {
    const { fixedMs, spread, isTrusted } = this.#time
    return isTrusted && fixedMs > -spread * this.#time.predict(this.#size)
  }

  #backOff(items: number): void {
    this.#size = Math.max(this.#min, Math.round(this.#shrunk(items, BACK_OFF)))
    this.#ceiling = this.#size
    this.#failures = 0
    this.#items = 0
    this.#isProbing = false
  }

  /** This share of the size, once for batches that were under way together: those were of the size before. */
  #shrunk(items: number, share: number): number {
    return items > this.#size ? Math.min(this.#size, items * share) : this.#size * share
  }

  /** The size that the learned times are best with; above the present one only as far as growing pays. */
  #aim(): number {
    const { fixedMs, perItemMs, spread } = this.#time
    const mostMs = this.#latencyMs / (1 + LEAST_MARGIN)
    const withinMs = Math.max(Math.min(mostMs, this.#latencyMs / (1 + MARGIN * spread)), (mostMs + fixedMs) / 2)
    const fastEnough = (withinMs - fixedMs) / perItemMs
    const knee = (Math.max(0, fixedMs) * (1 - KNEE_SHARE)) / (KNEE_SHARE * perItemMs)
    const perMs = this.#throughputTarget / 1000
    const enough = perMs * perItemMs < 1 ? (perMs * Math.max(0, fixedMs)) / (1 - perMs * perItemMs) : Infinity
    return Math.min(fastEnough, Math.max(this.#size, Math.min(knee, enough)))
  }

  #grope(items: number, ms: number): number {
    if (this.#slow >= 2 && ms > 2 * this.#latencyMs) return this.#shrunk(items, BACK_OFF)
    if (this.#slow > 0) return this.#shrunk(items, 1 - this.#adjustment)
    if (items / ms >= this.#throughputTarget / 1000) return this.#size
    // Twice as many items take at most twice as long.
    return ms * MOST_GROWTH <= this.#latencyMs
      ? items * MOST_GROWTH
      : Math.max(items + 1, items * (1 + this.#adjustment))
  }

  /** Goes to `aim` if that is far enough, upwards as far as `most`. */
  #move(aim: number, most: number): void {
    const size = this.#size
    let next = size
    if (aim < size * (1 - DEADBAND) || (aim < size && this.#isTooSlow())) next = Math.max(aim, size / MOST_SHRINKING)
    else if (aim > size * (1 + DEADBAND)) next = Math.max(size, Math.min(aim, most))
    this.#size = Math.max(this.#min, Math.floor(Math.min(next, this.#ceiling)))
  }

  /** Whether batches of the present size are often above the objective: then even a small step is worth it. */
  #isTooSlow(): boolean {
    return this.#time.predict(this.#size) * (1 + this.#time.spread) > this.#latencyMs
  }

  #planProbe(isFull: boolean): void {
    this.#isProbing = false
    if (!isFull || --this.#untilProbe > 0) return
    this.#untilProbe = PROBE_AFTER
    this.#isProbing = true
  }
}
