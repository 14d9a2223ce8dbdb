import { describe, expect, test } from 'vitest'
import type { BatchStatistics } from '../../src/engine/events.ts'
import { type HealthFacts, healthOf, idleHealth } from '../../src/engine/health.ts'
import { noStatistics } from '../../src/engine/progress.ts'

const statistics = (changes: Partial<BatchStatistics> = {}): BatchStatistics => ({
  ...noStatistics(),
  jobId: '20261121-001',
  phase: 'processing',
  workers: 4,
  workersBusy: 4,
  concurrency: 4,
  rssMb: 500,
  ...changes,
})
const facts = (changes: Partial<HealthFacts> = {}): HealthFacts => ({
  breaker: 'closed',
  secondsSinceProgress: 1,
  deadlineSeconds: 30,
  wanted: 4,
  memoryLimitMb: 1000,
  failure: undefined,
  ...changes,
})

describe('healthOf', () => {
  test('a job that works with all it was given is ok', () => {
    expect(healthOf(statistics(), facts())).toMatchObject({ status: 'ok', reasons: [], secondsSinceProgress: 1 })
    expect(healthOf(statistics({ phase: 'exporting' }), facts()).status).toBe('ok')
  })

  test.each<[string, Partial<BatchStatistics>, Partial<HealthFacts>, RegExp]>([
    ['degraded', { concurrency: 2 }, {}, /2 of 4 workers/],
    ['degraded', { rssMb: 950 }, {}, /950 MB of the 1000 MB/],
    ['degraded', {}, { breaker: 'half-open' }, /tried again/],
    ['paused', { paused: 'the disk is full' }, { breaker: 'open' }, /Paused: the disk is full/],
    ['stalled', {}, { secondsSinceProgress: 91 }, /Nothing has settled for 91 s/],
    ['failed', {}, { failure: new Error('the ledger is gone') }, /the ledger is gone/],
  ])('%s: %j %j', (status, figures, more, reason) => {
    const health = healthOf(statistics(figures), facts(more))
    expect(health.status).toBe(status)
    expect(health.reasons.join(' ')).toMatch(reason)
  })

  test('a wait without workers busy is no stall, nor is a job that is over', () => {
    expect(healthOf(statistics({ workersBusy: 0 }), facts({ secondsSinceProgress: 1000 })).status).toBe('ok')
    expect(healthOf(statistics({ phase: 'done' }), facts({ secondsSinceProgress: 1000 }))).toMatchObject({
      status: 'idle',
      secondsSinceProgress: 0,
    })
  })

  test('an engine without a job is idle', () => {
    expect(idleHealth(1000)).toMatchObject({ status: 'idle', reasons: [], jobId: null, phase: 'idle' })
  })
})
