import type { BatchStatistics, EngineEvent, EngineHealth } from '@millrace/files'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** A job's metrics in the text format of Prometheus. */
export interface Metrics {
  readonly contentType: string
  /** Told every event of the engine, for what no snapshot tells: how long files and batches took. */
  hear(event: EngineEvent): void
  text(): Promise<string>
}

/** Where the figures come from. */
export interface MetricsSource {
  statistics(): BatchStatistics
  health(): EngineHealth
}

const MEGABYTE = 1_048_576
const FILE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const BATCH_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
const BREAKER_STATES: readonly EngineHealth['breaker'][] = ['closed', 'open', 'half-open']

/**
 * Metrics of one engine, in a registry of their own. All but the durations are read from the engine when they are asked for, so that a job
 * pays for them only then.
 */
export function createMetrics(source: MetricsSource): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, read: (statistics: BatchStatistics, health: EngineHealth) => number) =>
    new Gauge({
      name: `millrace_files_${name}`,
      help,
      registers,
      collect() {
        this.set(read(source.statistics(), source.health()))
      },
    })
  const counter = (name: string, help: string, read: (statistics: BatchStatistics) => number) =>
    new Counter({
      name: `millrace_files_${name}_total`,
      help,
      registers,
      collect() {
        this.reset()
        this.inc(read(source.statistics()))
      },
    })
  const perWorker = (name: string, help: string, read: (worker: BatchStatistics['perWorker'][number]) => number) =>
    new Gauge({
      name: `millrace_files_worker_${name}`,
      help,
      registers,
      labelNames: ['worker'],
      collect() {
        this.reset()
        for (const worker of source.statistics().perWorker) this.set({ worker: worker.worker }, read(worker))
      },
    })

  counter('discovered', 'Files that discovery met, excluded ones included.', (now) => now.found + now.excluded)
  counter('excluded', 'Files that are not processed.', (now) => now.excluded)
  counter('delivered', 'Files with a result, reused ones included.', (now) => now.delivered)
  counter('reused', 'Files whose kept result stands.', (now) => now.reused)
  gauge('quarantined', 'Files in quarantine.', (now) => now.quarantined)
  counter('processed_bytes', 'Bytes of the files that were read.', (now) => now.bytes)
  counter('batches', 'Batches that are done.', (now) => now.batchesDone)
  gauge('batches_planned', 'Batches of the job, as far as it is known.', (now) => now.batchesPlanned)
  counter('retries', 'Times a file was tried again.', (now) => now.retries)
  gauge('workers', 'Worker processes.', (now) => now.workers)
  gauge('workers_busy', 'Worker processes with a batch.', (now) => now.workersBusy)
  counter('workers_replaced', 'Worker processes lost and replaced.', (now) => now.workersReplaced)
  perWorker('utilisation_ratio', "Share of a worker's time spent in batches.", (worker) => worker.utilisation)
  perWorker('resident_memory_bytes', 'Resident memory of a worker.', (worker) => worker.rssMb * MEGABYTE)
  gauge('concurrency', 'Most batches that may run at once now.', (now) => now.concurrency)
  gauge('resident_memory_bytes', 'Memory of engine and workers.', (now) => now.rssMb * MEGABYTE)
  gauge('resident_memory_peak_bytes', 'The most it has been.', (now) => now.peakRssMb * MEGABYTE)
  gauge('memory_limit_bytes', 'The most it may be.', (_, health) => health.memoryLimitMb * MEGABYTE)
  gauge('paused', 'Whether nothing new is started: 1 or 0.', (now) => Number(now.paused !== null))
  gauge('elapsed_seconds', 'How long the job has worked.', (now) => now.seconds)
  gauge('eta_seconds', 'Predicted time to the end; NaN while it is not known.', (now) => now.etaSeconds ?? Number.NaN)
  gauge('seconds_since_progress', 'Since a file was last settled.', (_, health) => health.secondsSinceProgress)
  new Counter({
    name: 'millrace_files_worker_cpu_seconds_total',
    help: 'Processor time a worker has used.',
    registers,
    labelNames: ['worker'],
    collect() {
      this.reset()
      for (const { worker, cpuMs } of source.statistics().perWorker) this.inc({ worker }, cpuMs / 1000)
    },
  })
  new Gauge({
    name: 'millrace_files_breaker_state',
    help: 'The circuit breaker of disk, descriptors and memory: 1 at the state it is in.',
    registers,
    labelNames: ['state'],
    collect() {
      const { breaker } = source.health()
      for (const state of BREAKER_STATES) this.set({ state }, Number(state === breaker))
    },
  })

  const fileSeconds = new Histogram({
    name: 'millrace_files_file_duration_seconds',
    help: 'Time a file took in its processor.',
    buckets: FILE_SECONDS,
    registers,
  })
  const batchSeconds = new Histogram({
    name: 'millrace_files_batch_duration_seconds',
    help: 'Time a batch took in its worker.',
    buckets: BATCH_SECONDS,
    registers,
  })
  return {
    contentType: registry.contentType,
    hear(event) {
      if (event.type === 'file-delivered') fileSeconds.observe(event.ms / 1000)
      else if (event.type === 'batch-committed') batchSeconds.observe(event.ms / 1000)
    },
    text: () => registry.metrics(),
  }
}
