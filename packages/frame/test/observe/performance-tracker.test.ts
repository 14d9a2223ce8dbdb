import { VirtualClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { BatchController } from '../../src/frame.ts'
import { frameMetrics } from '../../src/observe/frame-metrics.ts'
import { batchPerformanceMonitorSystem, type PerformanceSnapshot } from '../../src/observe/performance-tracker.ts'
import { prometheusText } from '../../src/observe/prometheus.ts'
import { type ParsedFamily, parseExposition } from './parse-exposition.ts'

/** A controller of a budget of 2 ms that has run 20 frames: physics of 0.5 ms, and a path of 4 ms in steps of 1 ms. */
function busyController() {
  const clock = new VirtualClock()
  const controller = new BatchController({ clock, clockTickMs: 0, budgetMs: 2, maxFailures: 1 })
  controller.register({ name: 'step', type: 'Physics', cost: 0.25, run: () => clock.advance(0.5) })
  const findPath = controller.register({
    name: 'find path',
    type: 'AI',
    cost: 0.5,
    recurring: false,
    *run() {
      for (let step = 0; step < 4; step++) {
        clock.advance(1)
        yield
      }
    },
  })
  const broken = controller.register({
    type: 'LOD',
    cost: 0.1,
    recurring: false,
    run: () => {
      throw new Error('broken')
    },
  })
  for (let job = 0; job < 10; job++) void controller.run(findPath)
  controller.run(broken).catch(() => undefined)
  for (let frame = 0; frame < 20; frame++) controller.runFrame()
  return controller
}

function figuresOf(controller: BatchController) {
  return { stats: controller.stats, systems: controller.describe() }
}

function valueIn(
  families: ReadonlyMap<string, ParsedFamily>,
  name: string,
  labels: Record<string, string> = {},
): number {
  const family = families.get(`millrace_frame_${name.replace(/_(sum|count)$/, '')}`)
  const wanted = JSON.stringify([`millrace_frame_${name}`, Object.entries(labels).sort()])
  const found = family?.series.find(
    ({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()]) === wanted,
  )
  if (found === undefined) throw new Error(`there is no ${name} with ${JSON.stringify(labels)}`)
  return found.value
}

describe('frameMetrics', () => {
  it('has every figure of the statistics, in base units', () => {
    const controller = busyController()
    const { stats } = controller
    const families = parseExposition(prometheusText(frameMetrics(figuresOf(controller))))
    const value = (name: string, labels?: Record<string, string>) => valueIn(families, name, labels)
    expect(value('frames_total')).toBe(20)
    expect(value('jobs_queued_total')).toBe(stats.jobsQueued)
    expect(value('jobs_deferred_total')).toBe(stats.jobsDeferred)
    expect(value('jobs_failed_total')).toBe(stats.jobsFailed)
    expect(value('failures_total')).toBe(1)
    expect(value('jobs_cancelled_total')).toBe(stats.jobsCancelled)
    expect(value('jobs_dropped_total')).toBe(stats.jobsDropped)
    expect(value('queued_jobs_peak')).toBe(stats.peakQueueDepth)
    expect(value('budget_seconds')).toBe(0.002)
    expect(value('budget_allowed_seconds')).toBe(stats.lastFrame.allowedMs / 1000)
    expect(value('budget_used_seconds')).toBe(stats.lastFrame.usedMs / 1000)
    expect(value('budget_utilization_ratio')).toBe(stats.budgetUtilization)
    expect(value('budget_utilization_trend')).toBe(stats.budgetUtilizationTrend)
    expect(value('budget_utilization_saturated_ratio')).toBe(stats.saturatedUtilization)
    expect(value('budget_violations_total')).toBe(stats.budgetViolations)
    expect(value('overrun_max_seconds')).toBe(stats.maxOverrunMs / 1000)
    expect(value('debt_seconds')).toBe(stats.debtMs / 1000)
    expect(value('jobs_timed_in_groups_total')).toBe(stats.jobsTimedInGroups)
    expect(value('clock_reads_total')).toBe(stats.clockReads)
    expect(value('clock_regressions_total')).toBe(0)
    expect(value('clock_tick_seconds')).toBe(0)
    expect(value('systems', { state: 'active' })).toBe(2)
    expect(value('systems', { state: 'suspended' })).toBe(1)
    for (const { type: lane, ...of } of stats.lanes) {
      expect(value('jobs_processed_total', { lane })).toBe(of.jobsProcessed)
      expect(value('queue_depth', { lane })).toBe(of.depth)
      expect(value('queue_depth_peak', { lane })).toBe(of.peakDepth)
      expect(value('longest_wait_frames', { lane })).toBe(of.longestWaitFrames)
      expect(value('cpu_seconds_total', { lane })).toBe(of.usedMs / 1000)
      expect(value('cpu_share_ratio', { lane })).toBe(of.share)
      expect(value('lane_job_duration_seconds_count', { lane })).toBe(of.executionTime.count)
    }
    expect(stats.lanes.reduce((jobs, lane) => jobs + lane.jobsProcessed, 0)).toBe(stats.jobsProcessed)
    expect(stats.jobsProcessed).toBeGreaterThan(20)
  })

  it('has durations as summaries', () => {
    const controller = busyController()
    const { frameTime, executionTime } = controller.stats
    const families = parseExposition(prometheusText(frameMetrics(figuresOf(controller))))
    for (const [name, times] of [
      ['duration_seconds', frameTime],
      ['job_duration_seconds', executionTime],
    ] as const) {
      expect(families.get(`millrace_frame_${name}`)?.type).toBe('summary')
      expect(valueIn(families, name, { quantile: '0.95' })).toBe(times.p95Ms / 1000)
      expect(valueIn(families, name, { quantile: '0.99' })).toBe(times.p99Ms / 1000)
      expect(valueIn(families, name, { quantile: '1' })).toBe(times.maxMs / 1000)
      expect(valueIn(families, `${name}_count`)).toBe(times.count)
      expect(valueIn(families, `${name}_sum`)).toBeCloseTo((times.meanMs * times.count) / 1000, 12)
    }
  })

  it('has names by the conventions, help for each, and counters that only rise', () => {
    const controller = busyController()
    const before = frameMetrics(figuresOf(controller))
    controller.runFrame()
    const after = frameMetrics(figuresOf(controller))
    for (const [index, { name, help, type, samples }] of before.entries()) {
      expect(name).toMatch(/^millrace_frame_[a-z_]+$/)
      expect(name.endsWith('_total')).toBe(type === 'counter')
      expect(name).not.toMatch(/_ms|millis/)
      expect(help).toMatch(/^[A-Z].*\.$/)
      if (type !== 'counter') continue
      for (const [place, { value }] of samples.entries()) {
        expect(after[index]!.samples[place]!.value).toBeGreaterThanOrEqual(value)
      }
    }
  })

  it('can be scraped before the first frame, and of several controllers at once', () => {
    const fresh = frameMetrics(figuresOf(new BatchController({ clock: new VirtualClock(), clockTickMs: 0 })), {
      game: 'go',
    })
    const busy = frameMetrics(figuresOf(busyController()), { game: 'chess' })
    const families = parseExposition(prometheusText([...fresh, ...busy]))
    expect(valueIn(families, 'duration_seconds_sum', { game: 'go' })).toBe(0)
    expect(valueIn(families, 'duration_seconds', { game: 'go', quantile: '0.99' })).toBeNaN()
    expect(valueIn(families, 'frames_total', { game: 'chess' })).toBe(20)
  })
})

describe('batchPerformanceMonitorSystem', () => {
  it('hands over a snapshot after every so many frames, until it is unsubscribed', () => {
    const controller = busyController()
    const taken: PerformanceSnapshot[] = []
    const tracker = { track: (snapshot: PerformanceSnapshot) => taken.push(snapshot) }
    const monitor = batchPerformanceMonitorSystem(controller, tracker, { everyFrames: 10, labels: { game: 'chess' } })
    for (let frame = 20; frame < 40; frame++) controller.runFrame()
    expect(taken.map(({ stats }) => stats.frames)).toEqual([30, 40])
    expect(taken[1]?.systems).toEqual(controller.describe())
    for (let frame = 40; frame < 45; frame++) controller.runFrame()
    expect(taken[0]?.metrics[0]?.samples).toEqual([{ labels: { game: 'chess' }, value: 30 }])
    monitor.unsubscribe()
    for (let frame = 45; frame < 60; frame++) controller.runFrame()
    expect(taken.length).toBe(2)
  })

  it('hands one over every 60 frames, where nothing is said, and none more if not asked', async () => {
    const controller = new BatchController({ clock: new VirtualClock(), clockTickMs: 0 })
    let taken = 0
    using _ = batchPerformanceMonitorSystem(controller, { track: () => taken++ })
    for (let frame = 0; frame < 125; frame++) controller.runFrame()
    expect(taken).toBe(2)
    await messageOf('OPTION_INVALID', () =>
      batchPerformanceMonitorSystem(controller, { track: () => undefined }, { everyFrames: 0 }),
    )
  })
})
