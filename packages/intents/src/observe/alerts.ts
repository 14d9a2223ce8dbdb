import { Histogram } from '@millrace/kernel/observe/histogram'

/** The thresholds, as `alert-rules.yml` has them: a test holds the two equal. */
export const ALERT_THRESHOLDS = {
  /** Share of intents that fail, in every minute of five. */
  errorRate: 0.01,
  errorRateMinutes: 5,
  /** 95th percentile from submission to settlement, in ms, in every minute of ten. */
  latencyMs: 50,
  latencyMinutes: 10,
  /** Batches in a row that were not committed. */
  flushFailures: 3,
  /** Share of `maxItems` or `maxBytes` that is held. */
  memory: 0.8,
} as const

const MINUTE_MS = 60_000

/**
 * Tells which alerts fire. Minutes are judged when they are over, and one in which nothing ended is judged as the one before it: silence is
 * no recovery.
 */
export class Alerts {
  /** Of the minute at hand, from submission to settlement, in ms. */
  readonly latency = new Histogram()
  readonly #onMinute: (latency: Histogram) => void
  #minuteEnds = Number.NEGATIVE_INFINITY
  #total = 0
  #failed = 0
  /** Minutes in a row with too many errors, with too long waits. */
  #errorMinutes = 0
  #slowMinutes = 0
  #failedBatches = 0
  #minuteP95 = Number.NaN

  /** @param onMinute is given the latencies of each minute that is over, before they are forgotten. */
  constructor(onMinute: (latency: Histogram) => void) {
    this.#onMinute = onMinute
  }

  /** 95th percentile of the last minute that is over and in which something ended, in ms; NaN before. */
  latencyP95(now: number): number {
    this.#moveTo(now)
    return this.#minuteP95
  }

  /** Batches in a row, up to now, that were not committed. */
  get failedBatches(): number {
    return this.#failedBatches
  }

  intents(now: number, total: number, failed: number): void {
    this.#moveTo(now)
    this.#total += total
    this.#failed += failed
  }

  batch(isCommitted: boolean): void {
    this.#failedBatches = isCommitted ? 0 : this.#failedBatches + 1
  }

  /** The names of those that fire; `held` is the share of the bounds that is used. */
  firing(now: number, held: number): readonly string[] {
    this.#moveTo(now)
    const firing: string[] = []
    if (this.#errorMinutes >= ALERT_THRESHOLDS.errorRateMinutes) firing.push('MillraceIntentsErrorRate')
    if (this.#slowMinutes >= ALERT_THRESHOLDS.latencyMinutes) firing.push('MillraceIntentsLatency')
    if (this.#failedBatches > ALERT_THRESHOLDS.flushFailures) firing.push('MillraceIntentsFlushFailures')
    if (held > ALERT_THRESHOLDS.memory) firing.push('MillraceIntentsMemory')
    return firing
  }

  #moveTo(now: number): void {
    if (this.#minuteEnds === Number.NEGATIVE_INFINITY) this.#minuteEnds = now + MINUTE_MS
    if (now < this.#minuteEnds) return
    const passed = 1 + Math.floor((now - this.#minuteEnds) / MINUTE_MS)
    const isWrong = this.#total > 0 ? this.#failed / this.#total > ALERT_THRESHOLDS.errorRate : this.#errorMinutes > 0
    if (this.latency.count > 0) this.#minuteP95 = this.latency.percentile(95)
    const isSlow = this.#minuteP95 > ALERT_THRESHOLDS.latencyMs
    this.#errorMinutes = isWrong ? this.#errorMinutes + passed : 0
    this.#slowMinutes = isSlow ? this.#slowMinutes + passed : 0
    this.#minuteEnds += passed * MINUTE_MS
    this.#total = 0
    this.#failed = 0
    this.#onMinute(this.latency)
    this.latency.reset()
  }
}
