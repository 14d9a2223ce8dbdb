import type { SystemStatus } from '../system/system-table.ts'
import type { BatchStats, DurationStats } from './batch-stats.ts'
import type { MetricFamily, MetricSample } from './prometheus.ts'

/** What metrics are made of: a `BatchController` has both. */
export interface FrameFigures {
  readonly stats: BatchStats
  readonly systems: readonly SystemStatus[]
}

type Labels = Readonly<Record<string, string>>

const NO_LABELS: Labels = {}

/**
 * What a controller has done, as families of metrics for Prometheus, each called `millrace_frame_…`: times in seconds, shares from
 * 0 to 1. `labels` are put on every series, to tell controllers apart.
 *
 * Of a duration's summary, quantile 1 is the longest ever, and the mean is `_sum / _count`.
 */
export function frameMetrics({ stats, systems }: FrameFigures, labels: Labels = NO_LABELS): MetricFamily[] {
  const family = (type: MetricFamily['type'], name: string, help: string, samples: readonly MetricSample[]) => ({
    name: `millrace_frame_${name}`,
    help,
    type,
    samples,
  })
  const one = (value: number): MetricSample[] => [{ labels, value }]
  const lanes = (read: (lane: BatchStats['lanes'][number]) => number): MetricSample[] =>
    stats.lanes.map((lane) => ({ labels: { ...labels, lane: lane.type }, value: read(lane) }))
  return [
    family('counter', 'frames_total', 'Frames that were run.', one(stats.frames)),
    family('counter', 'jobs_queued_total', 'Jobs that were ever queued.', one(stats.jobsQueued)),
    family(
      'counter',
      'jobs_processed_total',
      'Jobs that are done.',
      lanes((lane) => lane.jobsProcessed),
    ),
    family(
      'counter',
      'jobs_deferred_total',
      'Jobs left for a later frame, once for each frame.',
      one(stats.jobsDeferred),
    ),
    family('counter', 'jobs_failed_total', 'Jobs that were over without an output.', one(stats.jobsFailed)),
    family('counter', 'failures_total', 'Throws and rejections, also of jobs tried again.', one(stats.failures)),
    family('counter', 'jobs_cancelled_total', 'Jobs that were cancelled.', one(stats.jobsCancelled)),
    family('counter', 'jobs_dropped_total', 'Jobs dropped from a full queue.', one(stats.jobsDropped)),
    family(
      'gauge',
      'queue_depth',
      'Jobs that wait.',
      lanes((lane) => lane.depth),
    ),
    family(
      'gauge',
      'queue_depth_peak',
      'Most that waited at the end of a frame.',
      lanes((lane) => lane.peakDepth),
    ),
    family('gauge', 'queued_jobs_peak', 'Most that waited in all lanes together.', one(stats.peakQueueDepth)),
    family(
      'gauge',
      'longest_wait_frames',
      'Longest wait of a job until it began.',
      lanes((lane) => lane.longestWaitFrames),
    ),
    family(
      'counter',
      'cpu_seconds_total',
      'CPU time of jobs.',
      lanes((lane) => seconds(lane.usedMs)),
    ),
    family(
      'gauge',
      'cpu_share_ratio',
      "A lane's share of all CPU time of jobs.",
      lanes((lane) => lane.share),
    ),
    family('gauge', 'budget_seconds', 'Budget of the last frame.', one(seconds(stats.lastFrame.budgetMs))),
    family('gauge', 'budget_allowed_seconds', 'That less the debt.', one(seconds(stats.lastFrame.allowedMs))),
    family('gauge', 'budget_used_seconds', 'What the last frame used.', one(seconds(stats.lastFrame.usedMs))),
    family('gauge', 'budget_utilization_ratio', 'Used share of the budget, lately.', one(stats.budgetUtilization)),
    family('gauge', 'budget_utilization_trend', 'Its rise from frame to frame.', one(stats.budgetUtilizationTrend)),
    family(
      'gauge',
      'budget_utilization_saturated_ratio',
      'The same of frames that left work undone.',
      one(stats.saturatedUtilization),
    ),
    family(
      'counter',
      'budget_violations_total',
      'Frames that used more than their budget.',
      one(stats.budgetViolations),
    ),
    family('gauge', 'overrun_max_seconds', 'The most that one used above it.', one(seconds(stats.maxOverrunMs))),
    family('gauge', 'debt_seconds', 'What later frames are to pay back.', one(seconds(stats.debtMs))),
    family('summary', 'duration_seconds', 'CPU time of a frame.', summary(stats.frameTime, labels)),
    family('summary', 'job_duration_seconds', 'CPU time of a job.', summary(stats.executionTime, labels)),
    family(
      'summary',
      'lane_job_duration_seconds',
      'CPU time of a job, by lane.',
      stats.lanes.flatMap((lane) => summary(lane.executionTime, { ...labels, lane: lane.type })),
    ),
    family('counter', 'jobs_timed_in_groups_total', 'Jobs timed together with others.', one(stats.jobsTimedInGroups)),
    family('counter', 'clock_reads_total', 'Times the clock was read.', one(stats.clockReads)),
    family('counter', 'clock_regressions_total', 'Times it had gone backwards.', one(stats.clockRegressions)),
    family('gauge', 'clock_tick_seconds', 'How coarse the clock is.', one(seconds(stats.clockTickMs))),
    family('gauge', 'systems', 'Registered systems, by state.', [
      { labels: { ...labels, state: 'active' }, value: countOf(systems, 'active') },
      { labels: { ...labels, state: 'suspended' }, value: countOf(systems, 'suspended') },
    ]),
  ]
}

function summary({ count, meanMs, p95Ms, p99Ms, maxMs }: DurationStats, labels: Labels): MetricSample[] {
  return [
    { labels: { ...labels, quantile: '0.95' }, value: seconds(p95Ms) },
    { labels: { ...labels, quantile: '0.99' }, value: seconds(p99Ms) },
    { labels: { ...labels, quantile: '1' }, value: seconds(maxMs) },
    { labels, suffix: '_sum', value: count === 0 ? 0 : seconds(meanMs * count) },
    { labels, suffix: '_count', value: count },
  ]
}

function countOf(systems: readonly SystemStatus[], state: SystemStatus['state']): number {
  return systems.reduce((count, system) => count + Number(system.state === state), 0)
}

function seconds(ms: number): number {
  return ms / 1000
}
