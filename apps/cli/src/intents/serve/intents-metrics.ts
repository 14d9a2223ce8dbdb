import type { Distribution, HealthStatus, PipelineMetrics } from '@millrace/intents'
import { Counter, Gauge, Registry } from 'prom-client'

/** What metrics are made of. */
export interface IntentsSource {
  readonly metrics: PipelineMetrics
  readonly health: HealthStatus
}

/** Metrics as Prometheus reads them. */
export interface IntentsMetrics {
  readonly contentType: string
  text(): Promise<string>
}

const CIRCUIT_STATES: readonly HealthStatus['circuit'][] = ['closed', 'open', 'half-open']

/** Metrics of one scheduler, in a registry of their own. They are read from it when they are asked for, once for all of them. */
export function createIntentsMetrics(source: IntentsSource): IntentsMetrics {
  const registry = new Registry()
  const registers = [registry]
  let metrics = source.metrics
  let health = source.health

  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `millrace_intents_${name}`,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name: `millrace_intents_${name}`,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  /** One value for each of several labels. */
  const labelled = (name: string, help: string, label: string, read: () => Iterable<readonly [string, number]>) =>
    new Gauge({
      name: `millrace_intents_${name}`,
      help,
      registers,
      labelNames: [label],
      collect() {
        this.reset()
        for (const [key, value] of read()) this.set({ [label]: key }, value)
      },
    })
  const distribution = (name: string, help: string, scale: number, read: () => Distribution) => {
    labelled(name, `${help} Percentiles since the start.`, 'quantile', () => {
      const { p50, p95, p99 } = read()
      return [
        ['0.5', p50 * scale],
        ['0.95', p95 * scale],
        ['0.99', p99 * scale],
      ]
    })
    gauge(`${name}_max`, `${help} The most since the start.`, () => read().max * scale)
    counter(`${name}_count`, `${help} How many.`, () => read().count)
    counter(`${name}_sum`, `${help} Their sum.`, () => (read().count === 0 ? 0 : read().mean * read().count * scale))
  }

  counter('submitted_total', 'Intents that were submitted.', () => metrics.books.submitted)
  counter('committed_total', 'Intents that are in the database.', () => metrics.books.committed)
  counter(
    'duplicates_total',
    'Intents found written before, under their idempotency key.',
    () => metrics.books.duplicates,
  )
  counter('failed_total', 'Intents that ended with an error after they were admitted.', () => metrics.books.failed)
  counter('refused_total', 'Intents that were not admitted.', () => metrics.books.refused)
  counter('coalesced_total', 'Intents written as part of another of their key.', () => metrics.coalesced)
  counter('retries_total', 'Batches written again.', () => metrics.retries)
  counter('deadlocks_total', 'Attempts to write a batch that a deadlock ended.', () => metrics.deadlocks)
  // A counter cannot be NaN, and 0 would say that nothing waited.
  if (!Number.isNaN(metrics.lockWaitMs))
    counter(
      'lock_wait_seconds_total',
      'Time that batches waited for locks, added up: an estimate.',
      () => metrics.lockWaitMs / 1000,
    )
  counter('dead_lettered_total', 'Intents kept as dead letters.', () => metrics.deadLettered)
  counter('batch_attempts_total', 'Attempts to write a batch.', () => metrics.errorRates.perBatch.total)
  counter('batch_failures_total', 'Attempts to write a batch that failed.', () => metrics.errorRates.perBatch.failed)
  gauge('waiting', 'Intents that wait.', () => metrics.books.waiting)
  gauge('writing', 'Intents in batches under way.', () => metrics.books.writing)
  gauge('held_items', 'Intents held, waiting or being written.', () => metrics.held.items)
  gauge('held_items_limit', 'The most that may be.', () => metrics.held.maxItems)
  gauge('held_bytes', 'Bytes of their payloads.', () => metrics.held.bytes)
  gauge('held_bytes_limit', 'The most that may be.', () => metrics.held.maxBytes)
  gauge(
    'error_ratio',
    'Share of intents that failed in about the last minute.',
    () => metrics.errorRates.perIntent.recent,
  )
  gauge(
    'batch_error_ratio',
    'Share of batches that failed in about the last minute.',
    () => metrics.errorRates.perBatch.recent,
  )
  gauge('per_second', 'Intents a second over about ten seconds.', () => metrics.throughputMetrics.intentsPerSecond)
  gauge(
    'batches_per_second',
    'Batches a second over about ten seconds.',
    () => metrics.throughputMetrics.batchesPerSecond,
  )
  gauge('batch_size_target', 'The size of batches that is aimed at now.', () => metrics.learned.batchSize)
  gauge('batch_fixed_seconds', 'Learned: what a batch costs whatever its size.', () => metrics.learned.fixedMs / 1000)
  gauge('batch_intent_seconds', 'Learned: what each intent adds to it.', () => metrics.learned.perIntentMs / 1000)
  distribution('batch_size', 'Intents in a batch.', 1, () => metrics.batchSizeDistribution)
  distribution('batch_bytes', 'Bytes of the payloads in a batch.', 1, () => metrics.batchBytesDistribution)
  distribution('latency_seconds', 'From submission to settlement.', 1 / 1000, () => metrics.endToEndLatency)
  distribution('queue_wait_seconds', 'From submission to the sink.', 1 / 1000, () => metrics.queueWait)
  distribution('write_seconds', 'One attempt to write a batch.', 1 / 1000, () => metrics.writeTime)
  gauge(
    'latency_p95_seconds',
    '95th percentile from submission to settlement in the last full minute; NaN before.',
    () => metrics.lastMinuteLatencyP95 / 1000,
  )
  gauge('failed_batches_in_a_row', 'Batches, up to now, that were not committed.', () => metrics.failedBatchesInARow)
  new Counter({
    name: 'millrace_intents_flushes_total',
    help: 'Batches by what made them leave.',
    registers,
    labelNames: ['trigger'],
    collect() {
      this.reset()
      for (const [name, value] of Object.entries(metrics.flushTriggerRatio))
        this.inc({ trigger: name.replace('Triggered', '') }, value)
    },
  })
  gauge('healthy', 'Whether intents are being written and no alert fires: 1 or 0.', () => Number(health.isHealthy))
  gauge('last_flush_timestamp_seconds', 'When a batch was committed last; NaN before the first.', () =>
    health.lastSuccessfulFlush === undefined ? Number.NaN : health.lastSuccessfulFlush.getTime() / 1000,
  )
  labelled('circuit_state', 'The circuit breaker: 1 at the state it is in.', 'state', () =>
    CIRCUIT_STATES.map((state) => [state, Number(state === health.circuit)]),
  )
  labelled('alert', 'Alerts that fire, by name.', 'alert', () => health.alerts.map((name) => [name, 1]))

  return {
    contentType: registry.contentType,
    text() {
      metrics = source.metrics
      health = source.health
      return registry.metrics()
    },
  }
}
