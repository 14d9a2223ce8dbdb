import { describe, expect, it } from 'vitest'
import { ALERT_THRESHOLDS, Alerts } from '../../src/observe/alerts.ts'
import { Recent } from '../../src/observe/recent.ts'
import { Rig } from '../scheduler/rig.ts'
import type { Script } from '../scheduler/scripted-sink.ts'

const MINUTE = 60_000

function alerts() {
  return new Alerts(() => {})
}

/** A minute in which so many of 1000 failed, and in which it took so long. */
function minute(of: Alerts, index: number, failed: number, ms = 1): void {
  of.intents(index * MINUTE, 1000, failed)
  of.latency.record(ms, 1000)
}

describe('alerts', () => {
  it('are those of the specification', () => {
    expect(ALERT_THRESHOLDS).toEqual({
      errorRate: 0.01,
      errorRateMinutes: 5,
      latencyMs: 50,
      latencyMinutes: 10,
      flushFailures: 3,
      memory: 0.8,
    })
  })

  it('fire for errors above 1 % in each of five minutes', () => {
    const of = alerts()
    for (let index = 0; index < 5; index++) {
      minute(of, index, 11)
      expect(of.firing(index * MINUTE + 59_999, 0)).toEqual([])
    }
    expect(of.firing(5 * MINUTE, 0)).toEqual(['MillraceIntentsErrorRate'])
    minute(of, 5, 10)
    expect(of.firing(6 * MINUTE, 0)).toEqual([])
  })

  it('fire for a 95th percentile above 50 ms in each of ten minutes', () => {
    const of = alerts()
    for (let index = 0; index < 10; index++) {
      minute(of, index, 0, 60)
      expect(of.firing(index * MINUTE + 59_999, 0)).toEqual([])
    }
    expect(of.firing(10 * MINUTE, 0)).toEqual(['MillraceIntentsLatency'])
    minute(of, 10, 0, 40)
    expect(of.firing(11 * MINUTE, 0)).toEqual([])
  })

  it('go on through silence, and do not begin in it', () => {
    const of = alerts()
    for (let index = 0; index < 5; index++) minute(of, index, 500)
    expect(of.firing(100 * MINUTE, 0)).toEqual(['MillraceIntentsErrorRate'])
    const quiet = alerts()
    expect(quiet.firing(0, 0)).toEqual([])
    expect(quiet.firing(100 * MINUTE, 0)).toEqual([])
  })

  it('fire with the fourth batch in a row that is not committed, and above 80 % of what may be held', () => {
    const of = alerts()
    for (let count = 0; count < 3; count++) of.batch(false)
    expect(of.firing(0, 0.8)).toEqual([])
    of.batch(false)
    expect(of.firing(0, 0.81)).toEqual(['MillraceIntentsFlushFailures', 'MillraceIntentsMemory'])
    of.batch(true)
    expect(of.firing(0, 0)).toEqual([])
  })
})

describe('health', () => {
  it('follows the alerts, by the clock that does not jump', async () => {
    const script: Script = () => ({ afterMs: 60, ending: 'commit' })
    const rig = await new Rig({ script, adaptiveBatching: false }).start()
    for (let step = 0; step < 11 * 6; step++) {
      rig.clock.wallJumpMs = step % 2 === 0 ? 1e9 : -1e9
      rig.submitMany(20, (index) => ({ isRefused: index === 0 }))
      await rig.clock.advance(10_000)
      const { alerts: firing, isHealthy } = rig.scheduler.health
      expect(isHealthy).toBe(firing.length === 0)
      if (step < 30) expect(firing).toEqual([])
    }
    expect(rig.scheduler.health).toMatchObject({
      alerts: ['MillraceIntentsErrorRate', 'MillraceIntentsLatency'],
      errorRate: 0.05,
      batchingEnabled: true,
      currentBatchSize: 857,
    })
    expect(rig.scheduler.health.averageLatency).toBeCloseTo(70, 0)
  })

  it('tells of batches that fail, of memory, and of the last that succeeded', async () => {
    const script: Script = ({ count }) => (count > 1 && count < 6 ? 'transient' : 'commit')
    const rig = await new Rig({ script, adaptiveBatching: false, maxItems: 10 }).start()
    expect(rig.scheduler.health.lastSuccessfulFlush).toBeUndefined()
    rig.submit()
    await rig.clock.advance(10)
    expect(rig.scheduler.health.lastSuccessfulFlush?.getTime()).toBe(rig.clock.wallNow())
    rig.submitMany(9)
    expect(rig.scheduler.health.alerts).toEqual(['MillraceIntentsMemory'])
    await rig.clock.advance(10 + 50 + 100 + 200)
    expect(rig.scheduler.health).toMatchObject({ isHealthy: false, errorRate: 0 })
    await rig.clock.advance(400)
    expect(rig.scheduler.health).toMatchObject({ isHealthy: true, alerts: [] })
  })

  it('says when batching is off', async () => {
    const rig = await new Rig({ script: () => 'transient', whenOpen: 'degrade', adaptiveBatching: false }).start()
    rig.submit()
    await rig.clock.advance(10_000)
    expect(rig.scheduler.health).toMatchObject({ circuit: 'open', batchingEnabled: false })
    rig.scheduler.configure({ maxBatchSize: 1 })
    expect(rig.scheduler.health).toMatchObject({ currentBatchSize: 1 })
  })
})

describe('metrics', () => {
  it('tell sizes, waits and rates', async () => {
    const script: Script = () => ({ afterMs: 20, ending: 'commit' })
    const rig = await new Rig({ script, adaptiveBatching: false }).start()
    expect(rig.scheduler.metrics.endToEndLatency.count).toBe(0)
    for (let second = 0; second < 20; second++) {
      rig.submitMany(100, (index) => ({ isRefused: index < 10 }))
      await rig.clock.advance(1000)
    }
    const { metrics } = rig.scheduler
    expect(metrics.batchSizeDistribution).toMatchObject({ count: 20 })
    expect(metrics.batchSizeDistribution.p50).toBeCloseTo(100, -1)
    expect(metrics.queueWait.p99).toBeCloseTo(10, 0)
    expect(metrics.writeTime.mean).toBeCloseTo(20, 0)
    expect(metrics.endToEndLatency.count).toBe(2000)
    expect(metrics.endToEndLatency.p95).toBeCloseTo(30, -0.5)
    expect(metrics.throughputMetrics).toEqual({ intentsPerSecond: 100, batchesPerSecond: 1 })
    expect(metrics.errorRates).toEqual({
      perIntent: { failed: 200, total: 2000, recent: 0.1 },
      perBatch: { failed: 0, total: 20, recent: 0 },
    })
    await rig.clock.advance(120_000)
    expect(rig.scheduler.metrics.throughputMetrics).toEqual({ intentsPerSecond: 0, batchesPerSecond: 0 })
    expect(rig.scheduler.metrics.errorRates.perIntent.recent).toBe(0)
  })
})

describe('Recent', () => {
  it('forgets what is older than it was asked for', () => {
    const recent = new Recent()
    recent.add(500, 10, 1)
    recent.add(1500, 20)
    expect(recent.sum(1999, 60)).toEqual({ total: 30, failed: 1 })
    expect(recent.sum(60_999, 60)).toEqual({ total: 20, failed: 0 })
    expect(recent.perSecond(60_999, 60)).toBeCloseTo(0.5)
    expect(recent.sum(1e9, 60)).toEqual({ total: 0, failed: 0 })
    recent.add(0, 5)
    expect(recent.sum(1e9, 1)).toEqual({ total: 5, failed: 0 })
  })
})
