import type { DiscoveryProblem } from '../discovery/discovery.ts'
import type { Books } from '../ledger/ledger.ts'

/** What the engine tells while it works. Every event is plain data; listeners run synchronously and must be quick. */
export type EngineEvent =
  /** The ledger is another job's; this one waits behind so many. */
  | { readonly type: 'job-queued'; readonly jobId: string; readonly root: string; readonly behind: readonly string[] }
  /** `starts` is 2 for a job that was resumed once. */
  | { readonly type: 'job-started'; readonly jobId: string; readonly root: string; readonly starts: number }
  | { readonly type: 'discovery-progress'; readonly found: number; readonly excluded: number }
  | { readonly type: 'discovery-problem'; readonly problem: DiscoveryProblem }
  | { readonly type: 'discovery-done'; readonly found: number; readonly excluded: number; readonly ms: number }
  /** Files of the tree whose kept result stands, and files that are gone. */
  | { readonly type: 'tree-met'; readonly unchanged: number; readonly removed: number }
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
      readonly confirmed: number
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
  /** It was read and has the contents its kept result was made from. */
  | { readonly type: 'file-confirmed'; readonly path: string; readonly bytes: number; readonly worker: number }
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
  /** Nothing more is started; what is in hand goes on. `by` says who asked for it, and so who ends it. */
  | { readonly type: 'paused'; readonly by: PauseCause; readonly reason: string }
  | { readonly type: 'continued'; readonly by: PauseCause; readonly pausedMs: number }
  | { readonly type: 'quarantine-reopened'; readonly files: number }
  | { readonly type: 'exporting'; readonly out: string; readonly rows: number }
  /** The output is there, and is what the ledger has. */
  | { readonly type: 'exported'; readonly out: string }
  /** The output is what the ledger would write. */
  | { readonly type: 'export-skipped'; readonly out: string }
  | { readonly type: 'job-finished'; readonly jobId: string; readonly books: Books; readonly balanced: boolean }

/** `user`: until the user says so. `resource`: until what ran out (disk, descriptors, memory) is there again. */
export type PauseCause = 'user' | 'resource'

/** What one worker process has done; it is there while the process is. */
export interface WorkerStatistics {
  /** The number it goes by in the events. */
  readonly worker: number
  /** The machine it is on, where workers are on several. */
  readonly host?: string
  readonly pid: number
  readonly busy: boolean
  /** Files it has settled. */
  readonly files: number
  /** Share of its time spent in batches, 0 to 1. */
  readonly utilisation: number
  readonly rssMb: number
  /** Processor time it has used, milliseconds. */
  readonly cpuMs: number
}

/** Whether a job is well, and if not, why. */
export interface EngineHealth {
  /** `degraded`: it works with less than it was given, or lost workers lately. `stalled`: workers are busy and nothing has settled for long. */
  readonly status: 'idle' | 'ok' | 'degraded' | 'paused' | 'stalled' | 'failed'
  /** A sentence for each thing that keeps it from being `ok`. */
  readonly reasons: readonly string[]
  readonly jobId: string | null
  readonly phase: BatchStatistics['phase']
  /** Since a file last settled, or since work started; 0 without a job. */
  readonly secondsSinceProgress: number
  readonly breaker: 'closed' | 'open' | 'half-open'
  readonly workers: number
  readonly workersBusy: number
  readonly workersReplaced: number
  readonly concurrency: number
  readonly rssMb: number
  readonly memoryLimitMb: number
}

/** Where a job stands now: a snapshot, cheap to take, safe to keep. */
export interface BatchStatistics {
  readonly jobId: string | null
  readonly phase: 'idle' | 'queued' | 'discovering' | 'processing' | 'exporting' | 'done'
  readonly found: number
  readonly excluded: number
  /** Files with a result, those of earlier runs that stand included. */
  readonly delivered: number
  /** Of these, those not processed anew: unchanged, or confirmed by their contents. */
  readonly reused: number
  readonly quarantined: number
  /** How often the job was started: 2 when it was resumed once. */
  readonly starts: number
  /** Why nothing is started now, or null. */
  readonly paused: string | null
  /** Bytes of the files processed or confirmed. */
  readonly bytes: number
  readonly seconds: number
  readonly filesPerSecond: number
  readonly megabytesPerSecond: number
  /** Predicted seconds to the end; null while discovery has not ended, and where nothing is done by when all was predicted to be. */
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
  readonly perWorker: readonly WorkerStatistics[]
  /** Milliseconds a file took in its processor. */
  readonly fileMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
}
