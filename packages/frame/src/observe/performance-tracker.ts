import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkObject, show } from '@millrace/kernel/options'
import type { Subscription } from '@millrace/kernel/signal'
import type { BatchController } from '../frame.ts'
import type { SystemStatus } from '../system/system-table.ts'
import type { BatchStats } from './batch-stats.ts'
import { frameMetrics } from './frame-metrics.ts'
import type { MetricFamily } from './prometheus.ts'

/** How a controller does. */
export interface PerformanceSnapshot {
  readonly stats: BatchStats
  /** What is registered, and what is known of it. */
  readonly systems: readonly SystemStatus[]
  /** The same figures for Prometheus: see `prometheusText`. */
  readonly metrics: readonly MetricFamily[]
}

/** Whatever keeps, sends or shows how controllers do. */
export interface PerformanceTracker {
  /** Takes a snapshot, which is its to keep. Its time is not charged to the budget. */
  track(snapshot: PerformanceSnapshot): void
}

export interface PerformanceMonitorOptions {
  /** There is a snapshot after every so many frames, at least 1. @default 60 */
  readonly everyFrames?: number
  /** Labels that every metric has, to tell controllers apart. @default none */
  readonly labels?: Readonly<Record<string, string>>
}

/** What there is to know of a controller now. O(lanes + systems), and allocates. */
export function performanceSnapshot(
  controller: Pick<BatchController<string>, 'stats' | 'describe'>,
  labels?: Readonly<Record<string, string>>,
): PerformanceSnapshot {
  const { stats } = controller
  const systems = controller.describe()
  return { stats, systems, metrics: frameMetrics({ stats, systems }, labels) }
}

/**
 * Hands `tracker` a snapshot of `controller` after every 60 frames, or as many as are said, until it is unsubscribed. What the tracker
 * throws is an uncaught error of the host, and the frames go on.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function batchPerformanceMonitorSystem(
  controller: Pick<BatchController<string>, 'stats' | 'describe' | 'frameEnded'>,
  tracker: PerformanceTracker,
  options: PerformanceMonitorOptions = {},
): Subscription {
  checkTracker(tracker)
  const { labels } = checkObject('batchPerformanceMonitorSystem', 'options', options)
  const everyFrames = checkInteger('batchPerformanceMonitorSystem', 'everyFrames', options.everyFrames ?? 60, {
    min: 1,
  })
  return controller.frameEnded.subscribe(({ index }) => {
    if (index % everyFrames === 0) tracker.track(performanceSnapshot(controller, labels))
  })
}

function checkTracker(tracker: PerformanceTracker): void {
  if (typeof tracker?.track === 'function') return
  const owner = 'batchPerformanceMonitorSystem'
  throw new MillraceError('OPTION_INVALID', `${owner}: tracker must be an object with track(), not ${show(tracker)}`, {
    detail: { owner, option: 'tracker', value: tracker },
  })
}
