import { MillraceError } from '@millrace/kernel/errors'
import { Ewma } from '@millrace/kernel/learn/ewma'
import { Histogram } from '@millrace/kernel/observe/histogram'
import type { LeavingBatch } from '../queue/waiting.ts'
import type { Failure } from '../sink/sink.ts'
import type { IntentBatch } from '../sources/event-bus.ts'
import { Alerts } from './alerts.ts'
import type { Distribution, PipelineMetrics } from './pipeline-metrics.ts'
import { Recent } from './recent.ts'
import type { SubmissionTimes } from './submission-times.ts'

const RECENT_SECONDS = 60
const THROUGHPUT_SECONDS = 10
/** SQLSTATE. */
const DEADLOCK = '40P01'

/** Counts and times what a scheduler does: typed arrays throughout, nothing allocated an intent. */
export class FlowMeter {
  readonly #batchSizes = new Histogram({ lowest: 1, highest: 1e6 })
  readonly #batchBytes = new Histogram({ lowest: 1 })
  /** Without the minute at hand, which the alerts have. */
  readonly #latency = new Histogram()
  readonly #queueWait = new Histogram()
  readonly #writeTime = new Histogram()
  readonly #intents = new Recent()
  readonly #batches = new Recent()
  readonly #recentLatency = new Ewma({ alpha: 0.05 })
  readonly #triggers: Record<IntentBatch['trigger'], number> = { time: 0, size: 0, bytes: 0, idle: 0, stop: 0 }
  readonly alerts = new Alerts((minute) => this.#latency.merge(minute))
  #lastFlush: number | undefined
  #endedTotal = 0
  #batchesFailed = 0
  submitted = 0
  /** In batches under way. */
  writing = 0
  committed = 0
  duplicates = 0
  failed = 0
  refused = 0
  coalesced = 0
  retries = 0
  deadlocks = 0
  deadLettered = 0

  /** The entries of a batch are handed to the sink together. */
  flushed(trigger: IntentBatch['trigger'], { entries, bytes, submitted }: LeavingBatch, now: number): void {
    this.#triggers[trigger]++
    this.#batchSizes.record(entries.length)
    this.#batchBytes.record(bytes)
    this.writing += entries.length
    recordSince(this.#queueWait, submitted, now)
  }

  /** So many entries ended together: `failed` of them otherwise than committed. */
  ended(count: number, submitted: SubmissionTimes, now: number, failed: number): void {
    if (count === 0) return
    this.#endedTotal += count
    this.#intents.add(now, count, failed)
    const { latency } = this.alerts
    this.alerts.intents(now, count, failed)
    this.#recentLatency.observe(recordSince(latency, submitted, now) / count)
  }

  answered(now: number, wallNow: number, ms: number, failure: Failure | undefined, error: unknown): void {
    const isCommitted = failure === undefined
    this.#writeTime.record(Math.max(ms, 0))
    this.#batches.add(now, 1, isCommitted ? 0 : 1)
    // Refused for an intent in it: that says nothing of the next batch, and the search for the intent is many of them.
    if (failure !== 'data') this.alerts.batch(isCommitted)
    if (isCommitted) this.#lastFlush = wallNow
    else this.#batchesFailed++
    if (error instanceof MillraceError && error.detail.sqlState === DEADLOCK) this.deadlocks++
  }

  get averageLatency(): number {
    return this.#recentLatency.count === 0 ? 0 : this.#recentLatency.value
  }

  get lastSuccessfulFlush(): Date | undefined {
    return this.#lastFlush === undefined ? undefined : new Date(this.#lastFlush)
  }

  /** Share of intents that failed, over the last minute. */
  errorRate(now: number): number {
    return share(this.#intents.sum(now, RECENT_SECONDS))
  }

  snapshot(
    now: number,
    held: PipelineMetrics['held'],
    states: { readonly waiting: number; readonly writing: number },
    learned: PipelineMetrics['learned'],
    lockWaitMs: number,
  ): PipelineMetrics {
    const triggers = this.#triggers
    return {
      batchSizeDistribution: distribution(this.#batchSizes),
      batchBytesDistribution: distribution(this.#batchBytes),
      flushTriggerRatio: {
        timeTriggered: triggers.time,
        sizeTriggered: triggers.size,
        bytesTriggered: triggers.bytes,
        idleTriggered: triggers.idle,
        stopTriggered: triggers.stop,
      },
      endToEndLatency: distribution(this.#latency, this.alerts.latency),
      lastMinuteLatencyP95: this.alerts.latencyP95(now),
      failedBatchesInARow: this.alerts.failedBatches,
      queueWait: distribution(this.#queueWait),
      writeTime: distribution(this.#writeTime),
      throughputMetrics: {
        intentsPerSecond: this.#intents.perSecond(now, THROUGHPUT_SECONDS),
        batchesPerSecond: this.#batches.perSecond(now, THROUGHPUT_SECONDS),
      },
      errorRates: {
        perIntent: { failed: this.failed, total: this.#endedTotal, recent: this.errorRate(now) },
        perBatch: {
          failed: this.#batchesFailed,
          total: this.#writeTime.count,
          recent: share(this.#batches.sum(now, RECENT_SECONDS)),
        },
      },
      books: {
        submitted: this.submitted,
        committed: this.committed,
        duplicates: this.duplicates,
        failed: this.failed,
        refused: this.refused,
        ...states,
      },
      coalesced: this.coalesced,
      retries: this.retries,
      deadlocks: this.deadlocks,
      lockWaitMs,
      deadLettered: this.deadLettered,
      held,
      learned,
    }
  }
}

function share({ total, failed }: { readonly total: number; readonly failed: number }): number {
  return total === 0 ? 0 : failed / total
}

/** Records how long ago each was submitted, and gives the sum. */
function recordSince(histogram: Histogram, { at, counts }: SubmissionTimes, now: number): number {
  let sum = 0
  for (let run = 0; run < at.length; run++) {
    const ms = Math.max(now - at[run]!, 0)
    histogram.record(ms, counts[run])
    sum += ms * counts[run]!
  }
  return sum
}

function distribution(...parts: readonly Histogram[]): Distribution {
  const histogram = parts.length === 1 ? parts[0]! : new Histogram()
  if (parts.length > 1) for (const part of parts) histogram.merge(part)
  return {
    count: histogram.count,
    mean: histogram.mean,
    p50: histogram.percentile(50),
    p95: histogram.percentile(95),
    p99: histogram.percentile(99),
    max: histogram.max,
  }
}
