import type { Distribution, HealthStatus, PipelineMetrics } from '@millrace/intents'
import { expect, it } from 'vitest'
import { createIntentsMetrics } from '../../src/intents/serve/intents-metrics.ts'
import { statusLine } from '../../src/intents/serve/serve-words.ts'
import { createStyle } from '../../src/text/style.ts'

const times = { count: 4, mean: 10, p50: 8, p95: 20, p99: 30, max: 40 }
const nothing: Distribution = {
  count: 0,
  mean: Number.NaN,
  p50: Number.NaN,
  p95: Number.NaN,
  p99: Number.NaN,
  max: Number.NaN,
}

const metrics: PipelineMetrics = {
  batchSizeDistribution: { ...times, mean: 250 },
  batchBytesDistribution: { ...times, mean: 5000, max: 9000 },
  flushTriggerRatio: { timeTriggered: 1, sizeTriggered: 2, bytesTriggered: 0, idleTriggered: 3, stopTriggered: 0 },
  endToEndLatency: times,
  lastMinuteLatencyP95: 20,
  failedBatchesInARow: 2,
  queueWait: nothing,
  writeTime: times,
  throughputMetrics: { intentsPerSecond: 2013.4, batchesPerSecond: 8 },
  errorRates: { perIntent: { failed: 1, total: 1000, recent: 0.01 }, perBatch: { failed: 2, total: 10, recent: 0 } },
  books: { submitted: 1010, committed: 990, duplicates: 5, failed: 1, refused: 4, waiting: 7, writing: 3 },
  coalesced: 11,
  retries: 2,
  deadlocks: 3,
  lockWaitMs: 1500,
  deadLettered: 1,
  held: { items: 10, bytes: 1000, maxItems: 100, maxBytes: 10_000 },
  learned: { batchSize: 300, fixedMs: 2, perIntentMs: 0.01 },
}

const health: HealthStatus = {
  isHealthy: false,
  batchingEnabled: true,
  currentBatchSize: 300,
  errorRate: 0.01,
  averageLatency: 10,
  lastSuccessfulFlush: new Date(1_700_000_000_500),
  circuit: 'half-open',
  state: 'running',
  alerts: ['MillraceIntentsErrorRate'],
}

it('tells all that a scheduler counts, in base units, as it is when it is asked', async () => {
  const source = { metrics, health }
  const { text } = createIntentsMetrics(source)
  const said = await text()
  for (const line of [
    'millrace_intents_submitted_total 1010',
    'millrace_intents_committed_total 990',
    'millrace_intents_refused_total 4',
    'millrace_intents_batch_failures_total 2',
    'millrace_intents_waiting 7',
    'millrace_intents_held_items 10',
    'millrace_intents_held_items_limit 100',
    'millrace_intents_flushes_total{trigger="idle"} 3',
    'millrace_intents_latency_seconds{quantile="0.95"} 0.02',
    'millrace_intents_latency_p95_seconds 0.02',
    'millrace_intents_failed_batches_in_a_row 2',
    'millrace_intents_latency_seconds_count 4',
    'millrace_intents_latency_seconds_sum 0.04',
    'millrace_intents_latency_seconds_max 0.04',
    'millrace_intents_queue_wait_seconds_count 0',
    'millrace_intents_queue_wait_seconds_sum 0',
    'millrace_intents_batch_size_sum 1000',
    'millrace_intents_batch_bytes_sum 20000',
    'millrace_intents_batch_bytes_max 9000',
    'millrace_intents_deadlocks_total 3',
    'millrace_intents_lock_wait_seconds_total 1.5',
    'millrace_intents_batch_fixed_seconds 0.002',
    'millrace_intents_healthy 0',
    'millrace_intents_last_flush_timestamp_seconds 1700000000.5',
    'millrace_intents_circuit_state{state="half-open"} 1',
    'millrace_intents_circuit_state{state="open"} 0',
    'millrace_intents_alert{alert="MillraceIntentsErrorRate"} 1',
  ]) {
    expect(said).toContain(`${line}\n`)
  }
  expect(said).not.toMatch(/^(process|nodejs)_/m)
  source.metrics = { ...metrics, books: { ...metrics.books, committed: 991 } }
  expect(await text()).toContain('millrace_intents_committed_total 991\n')
})

it('says nothing of locks where the sink cannot tell', async () => {
  const said = await createIntentsMetrics({ metrics: { ...metrics, lockWaitMs: Number.NaN }, health }).text()
  expect(said).not.toContain('lock_wait')
  expect(said).toContain('millrace_intents_deadlocks_total 3\n')
})

it('tells in a line what it does now', () => {
  const style = createStyle({ color: false, unicode: true })
  expect(statusLine(metrics, style)).toBe(
    '2,013/s · p50 8.0 ms · p99 30 ms · 7 waiting · 8 intents a batch · 990 committed · 5 not',
  )
  const idle = { ...metrics, endToEndLatency: nothing, batchSizeDistribution: nothing }
  expect(statusLine(idle, style)).toBe('2,013/s · 7 waiting · 990 committed · 5 not')
})
