import type { Budget } from '@millrace/kernel/execute/budget'
import { Ewma } from '@millrace/kernel/learn/ewma'
import { Histogram } from '@millrace/kernel/observe/histogram'
import type { Trace } from '@millrace/kernel/observe/trace'
import type { JobEndings } from '../dispatch/job-endings.ts'
import type { JobLanes } from '../queue/job-lanes.ts'
import type { BatchStats, DurationStats, FrameReport, LaneStats } from './batch-stats.ts'

/** From 0.1 µs to 10 s, each within 1.6 %. */
const DURATIONS = { lowest: 1e-4, highest: 1e4, precisionBits: 5 }
const RECENT = { alpha: 0.1 }

export interface FrameMeterOptions<Lane extends string> {
  readonly lanes: JobLanes
  readonly names: readonly Lane[]
  readonly budget: Budget
  readonly endings: JobEndings
  readonly trace: Trace | undefined
}

/** What the jobs of one lane have come to. */
class LaneMeter {
  usedMs = 0
  longestWaitFrames = 0
  peakDepth = 0
  readonly times = new Histogram(DURATIONS)
}

/** Counts and times what a controller does. Allocates nothing per job or frame; snapshots are made when asked for. */
export class FrameMeter<Lane extends string = string> {
  readonly report: { -readonly [K in keyof FrameReport]: FrameReport[K] } = {
    index: 0,
    usedMs: 0,
    allowedMs: 0,
    budgetMs: 0,
    debtMs: 0,
    jobsProcessed: 0,
    jobsDeferred: 0,
  }
  readonly #options: FrameMeterOptions<Lane>
  readonly #lanes: readonly LaneMeter[]
  readonly #frameTimes = new Histogram(DURATIONS)
  readonly #jobTimes = new Histogram(DURATIONS)
  readonly #utilization = new Ewma(RECENT)
  readonly #trend = new Ewma(RECENT)
  readonly #saturated = new Ewma(RECENT)
  readonly #usedName: number
  #frames = 0
  #processedBefore = 0
  #deferred = 0
  #peakDepth = 0
  #violations = 0
  #maxOverrunMs = 0
  #grouped = 0

  constructor(options: FrameMeterOptions<Lane>) {
    this.#options = options
    this.#lanes = options.names.map(() => new LaneMeter())
    this.#usedName = options.trace?.name('budget used, ms') ?? 0
  }

  /** A job of `lane` begins, or goes on, after so many frames. */
  began(lane: number, waitedFrames: number): void {
    const meter = this.#lanes[lane]!
    if (waitedFrames > meter.longestWaitFrames) meter.longestWaitFrames = waitedFrames
  }

  /**
   * The budget's last lap was spent on so many jobs of `lane`, or steps of one.
   * PERF: times are not handed over, for as arguments each would be a heap object; bench/frame/tracing.bench.ts.
   */
  ran(lane: number, name: number, jobs: number): void {
    const { budget, trace } = this.#options
    const from = budget.lapBeganAt
    const to = budget.readAt
    const ms = to - from
    if (!(ms >= 0)) return
    const meter = this.#lanes[lane]!
    meter.usedMs += ms
    meter.times.record(ms / jobs, jobs)
    this.#jobTimes.record(ms / jobs, jobs)
    if (jobs > 1) this.#grouped += jobs
    if (trace !== undefined) trace.span(lane, name, from, to, jobs)
  }

  /** A frame has ended, and left `deferred` jobs undone. */
  ended(index: number, usedMs: number, allowedMs: number, budgetMs: number, deferred: number): FrameReport {
    const { report } = this
    const { budget, endings, lanes, trace } = this.#options
    this.#frames++
    report.index = index
    report.usedMs = usedMs
    report.allowedMs = allowedMs
    report.budgetMs = budgetMs
    report.debtMs = budget.debtMs
    report.jobsProcessed = endings.processed - this.#processedBefore
    report.jobsDeferred = deferred
    this.#processedBefore = endings.processed
    this.#deferred += deferred
    this.#frameTimes.record(usedMs)
    if (budgetMs > 0) this.#measureUse(usedMs / budgetMs, deferred > 0)
    if (usedMs > budgetMs) {
      this.#violations++
      if (usedMs - budgetMs > this.#maxOverrunMs) this.#maxOverrunMs = usedMs - budgetMs
    }
    let depth = 0
    for (let lane = 0; lane < this.#lanes.length; lane++) {
      const size = lanes.sizeOf(lane)
      depth += size
      if (size > this.#lanes[lane]!.peakDepth) this.#lanes[lane]!.peakDepth = size
    }
    if (depth > this.#peakDepth) this.#peakDepth = depth
    trace?.counter(this.#usedName, budget.readAt, usedMs)
    return report
  }

  snapshot(queued: number): BatchStats<Lane> {
    const { budget, endings } = this.#options
    return {
      frames: this.#frames,
      lastFrame: { ...this.report },
      jobsQueued: queued,
      jobsProcessed: endings.processed,
      jobsDeferred: this.#deferred,
      jobsFailed: endings.failed,
      failures: endings.failures,
      jobsCancelled: endings.cancelled,
      jobsDropped: endings.dropped,
      peakQueueDepth: this.#peakDepth,
      budgetUtilization: this.#utilization.value,
      budgetUtilizationTrend: this.#trend.value,
      saturatedUtilization: this.#saturated.value,
      budgetViolations: this.#violations,
      maxOverrunMs: this.#maxOverrunMs,
      debtMs: budget.debtMs,
      frameTime: durations(this.#frameTimes),
      executionTime: durations(this.#jobTimes),
      jobsTimedInGroups: this.#grouped,
      clockReads: budget.reads,
      clockTickMs: budget.tickMs,
      clockRegressions: budget.regressions,
      lanes: this.#options.names.map((name, lane) => this.#laneStats(name, lane)),
    }
  }

  #measureUse(share: number, saturated: boolean): void {
    const before = this.#utilization.value
    this.#utilization.observe(share)
    if (!Number.isNaN(before)) this.#trend.observe(this.#utilization.value - before)
    if (saturated) this.#saturated.observe(share)
  }

  #laneStats(type: Lane, lane: number): LaneStats<Lane> {
    const meter = this.#lanes[lane]!
    const sum = this.#lanes.reduce((ms, each) => ms + each.usedMs, 0)
    return {
      type,
      depth: this.#options.lanes.sizeOf(lane),
      peakDepth: meter.peakDepth,
      jobsProcessed: this.#options.endings.processedIn[lane]!,
      usedMs: meter.usedMs,
      share: sum === 0 ? 0 : meter.usedMs / sum,
      longestWaitFrames: meter.longestWaitFrames,
      executionTime: durations(meter.times),
    }
  }
}

function durations(times: Histogram): DurationStats {
  return {
    count: times.count,
    meanMs: times.mean,
    p95Ms: times.percentile(95),
    p99Ms: times.percentile(99),
    maxMs: times.max,
  }
}
