import type { DiscoveryProblem } from '../discovery/discovery.ts'
import type { Books } from '../ledger/ledger.ts'

/** What the engine tells while it works. Every event is plain data; listeners run synchronously and must be quick. */
export type EngineEvent =
  | { readonly type: 'job-started'; readonly jobId: string; readonly root: string }
  | { readonly type: 'discovery-progress'; readonly found: number; readonly excluded: number }
  | { readonly type: 'discovery-problem'; readonly problem: DiscoveryProblem }
  | { readonly type: 'discovery-done'; readonly found: number; readonly excluded: number; readonly ms: number }
  | { readonly type: 'batches-planned'; readonly batches: number; readonly files: number; readonly estimatedMs: number }
  | { readonly type: 'worker-started'; readonly worker: number; readonly pid: number }
  | {
      readonly type: 'worker-stopped'
      readonly worker: number
      readonly pid: number
      readonly reason: 'recycled' | 'crashed' | 'deadline' | 'memory' | 'drained'
      readonly detail: string
    }
  /** A line that a processor printed in a worker process. */
  | { readonly type: 'worker-output'; readonly line: string }
  | { readonly type: 'batch-started'; readonly batchId: number; readonly worker: number; readonly files: number }
  | {
      readonly type: 'batch-committed'
      readonly batchId: number
      readonly worker: number
      readonly delivered: number
      readonly quarantined: number
      readonly ms: number
    }
  | {
      readonly type: 'file-delivered'
      readonly path: string
      readonly bytes: number
      readonly ms: number
      readonly worker: number
    }
  | {
      readonly type: 'file-retried'
      readonly path: string
      readonly code: string
      readonly message: string
      readonly attempt: number
    }
  | {
      readonly type: 'file-quarantined'
      readonly path: string
      readonly code: string
      readonly message: string
      readonly attempts: number
    }
  | {
      readonly type: 'limits-changed'
      readonly concurrency: number
      readonly batchSize: number
      readonly reason: string
    }
  | { readonly type: 'exporting'; readonly out: string; readonly rows: number }
  | { readonly type: 'job-finished'; readonly jobId: string; readonly books: Books; readonly balanced: boolean }

/** Where a job stands now: a snapshot, cheap to take, safe to keep. */
export interface BatchStatistics {
  readonly jobId: string | null
  readonly phase: 'idle' | 'discovering' | 'processing' | 'exporting' | 'done'
  readonly found: number
  readonly excluded: number
  readonly delivered: number
  readonly quarantined: number
  /** Bytes of the files delivered. */
  readonly bytes: number
  readonly seconds: number
  readonly filesPerSecond: number
  readonly megabytesPerSecond: number
  /** Predicted seconds to the end, null while discovery has not ended. */
  readonly etaSeconds: number | null
  readonly workers: number
  readonly workersBusy: number
  /** Most batches that may run at once now, as the headroom allows. */
  readonly concurrency: number
  readonly batchesDone: number
  readonly batchesPlanned: number
  /** Files tried again after a failure. */
  readonly retries: number
  /** Worker processes started in place of one that crashed, hung or outgrew its memory. */
  readonly workersReplaced: number
  /** Resident memory of the engine and its workers together, now and at its peak, MB. */
  readonly rssMb: number
  readonly peakRssMb: number
  /** Share of the workers' time spent processing, 0 to 1. */
  readonly utilisation: number
  /** Milliseconds a file took in its processor. */
  readonly fileMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
}
