import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { checkBatching, PRESETS } from '../src/checked-options.ts'
import type { BatchSchedulerOptions } from '../src/scheduler-options.ts'
import { Rig } from './scheduler/rig.ts'

describe('options', () => {
  it.each<[string, object]>([
    ['timeWindowMs', { timeWindowMs: -1 }],
    ['timeWindowMs', { timeWindowMs: 60_001 }],
    ['maxBatchSize', { maxBatchSize: 0 }],
    ['maxBatchSize', { maxBatchSize: 1.5 }],
    ['maxBatchBytes', { maxBatchBytes: 0 }],
    ['maxConcurrentBatches', { maxConcurrentBatches: 65 }],
    ['maxItems', { maxItems: 0 }],
    ['maxBytes', { maxBytes: Number.NaN }],
    ['whenFull', { whenFull: 'drop' }],
    ['maxWaitMs', { maxWaitMs: 0 }],
    ['atomicity', { atomicity: 'none' }],
    ['retry.attempts', { retry: { attempts: 0 } }],
    ['retry.baseMs', { retry: { baseMs: -1 } }],
    ['whenOpen', { whenOpen: 'close' }],
    ['writeTimeoutMs', { writeTimeoutMs: 0 }],
    ['failureThreshold', { circuitBreaker: { failureThreshold: 0 } }],
    ['recoveryTimeout', { circuitBreaker: { recoveryTimeout: 0 } }],
    ['halfOpenTestCount', { circuitBreaker: { halfOpenTestCount: 0 } }],
    ['preset', { preset: 'huge' }],
    ['deadLetters', { deadLetters: {} }],
    ['eventBus', { eventBus: null }],
    ['logger', { logger: {} }],
    ['stage', { stage: {} }],
    ['adaptiveBatching', { adaptiveBatching: 5 }],
    ['initialBatchSize', { adaptiveBatching: { initialBatchSize: 5 } }],
    ['minBatchSize', { adaptiveBatching: { minBatchSize: 0 } }],
    ['adjustmentFactor', { adaptiveBatching: { adjustmentFactor: 0.6 } }],
    ['errorRateThreshold', { adaptiveBatching: { performanceThresholds: { errorRateThreshold: 2 } } }],
    ['latencyThreshold', { adaptiveBatching: { performanceThresholds: { latencyThreshold: 0 } } }],
    ['throughputTarget', { adaptiveBatching: { performanceThresholds: { throughputTarget: 0 } } }],
  ])('names %s where it cannot be', async (option, bad) => {
    expect(await messageOf('OPTION_INVALID', () => new Rig(bad as Partial<BatchSchedulerOptions>))).toContain(option)
  })

  it('have the values of the specification by default, and by presets', () => {
    expect(checkBatching({ adaptiveBatching: false })).toMatchObject({ timeWindowMs: 10, maxBatchSize: 857 })
    expect(PRESETS.small).toEqual({ timeWindowMs: 20, maxBatchSize: 200, adaptiveBatching: false })
    expect(PRESETS.medium).toEqual({ timeWindowMs: 15, maxBatchSize: 500, adaptiveBatching: true })
    expect(PRESETS.large).toEqual({ timeWindowMs: 10, maxBatchSize: 857, adaptiveBatching: true })
    expect(new Rig({ preset: 'small' }).scheduler.health.currentBatchSize).toBe(200)
    expect(new Rig({ preset: 'small', maxBatchSize: 5 }).scheduler.health.currentBatchSize).toBe(5)
  })

  it('keep what configure() was not given', async () => {
    const rig = await new Rig({ adaptiveBatching: false, timeWindowMs: 40 }).start()
    rig.scheduler.configure({ maxBatchSize: 7, timeWindowMs: undefined as never })
    rig.scheduler.configure({ maxConcurrentBatches: 3 })
    rig.submit()
    await rig.clock.advance(39)
    expect(rig.sizes).toEqual([])
    await rig.clock.advance(1)
    expect([rig.sizes, rig.scheduler.health.currentBatchSize]).toEqual([[1], 7])
  })
})
