import type { DiscoveredFile, ExcludedFile } from '../file.ts'
import type { Highlight } from '../processor/processor.ts'
import type { ResultRow } from '../sink/sink.ts'

/** `running` is what a killed job still says; whether it runs is told by its owner process, not by this word. */
export type JobState = 'running' | 'done' | 'interrupted' | 'failed'

/** The process that works on a job, told apart from a later one with the same number by when it started. */
export interface JobOwner {
  readonly pid: number
  /** When the owner process started, milliseconds since the epoch. */
  readonly startedMs: number
  readonly host: string
}

export interface JobSpec {
  /** Absolute path of the tree. */
  readonly root: string
  /** What made the results: `name@version` of each processor, in order. */
  readonly processors: readonly string[]
  /** The configuration the job runs with, as JSON. */
  readonly config: string
  readonly owner: JobOwner
  /** Milliseconds since the epoch. */
  readonly startedMs: number
}

/**
 * The job's books. Every figure is counted directly in the ledger; none is a remainder. They balance when
 * `discovered = delivered + quarantined + excluded`.
 */
export interface Books {
  readonly discovered: number
  readonly delivered: number
  readonly quarantined: number
  readonly excluded: number
}

/** What a finished run says of itself, kept with the job. */
export interface JobOutcome {
  readonly state: Exclude<JobState, 'running'>
  readonly finishedMs: number
  /** The summary as JSON, as the `--json` summary line has it. */
  readonly summary: string
  /** The one sentence that says why, where the job failed or was interrupted. */
  readonly reason?: string
}

export interface JobRow extends JobSpec {
  readonly jobId: string
  readonly state: JobState
  readonly finishedMs: number | null
  readonly summary: string | null
  readonly reason: string | null
  /** Whether the walk had ended, so that `discovered` is final. */
  readonly discoveryDone: boolean
}

/** A file in the ledger: discovery's facts and the number it goes by within its job. */
export interface LedgerFile extends DiscoveredFile {
  readonly fileId: number
}

export interface Delivery {
  readonly fileId: number
  readonly hash: string
  readonly record: string
  /** Time the processor took, milliseconds. */
  readonly ms: number
}

/** One time a file was tried without success. */
export interface Attempt {
  readonly fileId: number
  readonly attempt: number
  readonly code: string
  readonly message: string
  readonly ms: number
}

export interface Quarantined {
  readonly fileId: number
  /** Why, as a code of docs/errors.md or the operating system's. */
  readonly code: string
  readonly message: string
  readonly attempts: number
  /** What is known beyond the message, as JSON: signal, exit code, last lines of stderr, ms, RSS. */
  readonly evidence: string
}

export interface QuarantineRow extends Quarantined {
  readonly path: string
}

/** All that one commit makes durable: results, failures, and the fact that they are in. */
export interface Checkpoint {
  readonly batchId: number
  /** Whether the batch is finished with this checkpoint; a long batch may take several. */
  readonly complete: boolean
  readonly priority: number
  readonly estimatedMs: number
  /** Time the batch has taken up to here, milliseconds. */
  readonly ms: number
  readonly worker: number
  readonly deliveries: readonly Delivery[]
  readonly quarantined: readonly Quarantined[]
  readonly attempts: readonly Attempt[]
  readonly highlights: readonly Highlight[]
}

/** An attempt as the ledger holds it. */
export interface AttemptRow extends Attempt {
  readonly path: string
  readonly batchId: number
}

/** A batch as its checkpoints left it; `delivered` and `quarantined` are counted from the files it settled. */
export interface BatchRow {
  readonly batchId: number
  readonly complete: boolean
  readonly priority: number
  readonly estimatedMs: number
  readonly ms: number
  readonly worker: number
  readonly checkpoints: number
  readonly delivered: number
  readonly quarantined: number
}

export interface SlowFile {
  readonly path: string
  readonly ms: number
  readonly size: number
}

/**
 * Where a job's truth lives: files, results, failures and what is finished. The results are in it, so there is no second place that could
 * disagree.
 *
 * Every method settles after its effect is durable. Calls take effect in the order they were made. A
 * call about a job the ledger does not have is refused with `JOB_UNKNOWN`, one after `close` with `LEDGER_CLOSED`. Any implementation passes the conformance
 * suite in `test/ledger/conformance.ts`.
 */
export interface Ledger extends AsyncDisposable {
  /** Gives the new job's id: `20261121-001`, the UTC day of `startedMs` and the job's place in it. Ids sort by age. */
  createJob(spec: JobSpec): Promise<string>
  finishJob(jobId: string, outcome: JobOutcome): Promise<void>
  /** All jobs, newest first. */
  jobs(): Promise<readonly JobRow[]>
  /** The job, or the newest one when no id is given, or undefined. */
  job(jobId?: string): Promise<JobRow | undefined>

  /**
   * Enters what discovery found. File ids are the caller's: whole numbers from 0, each once in a job, as is each path.
   * @throws {MillraceError} `LEDGER_CONFLICT` where an id or a path is in the job already; nothing of the call is then kept.
   */
  addFiles(jobId: string, files: readonly LedgerFile[], excluded: readonly ExcludedFile[]): Promise<void>
  /** Says that discovery ended: `discovered` is final. */
  endDiscovery(jobId: string): Promise<void>
  /** Files neither delivered nor quarantined, by id, in pages of at most `limit` after `afterFileId` (-1 for the start). */
  pendingFiles(jobId: string, afterFileId: number, limit: number): Promise<readonly LedgerFile[]>

  /**
   * Commits a batch's results and the fact that they are in, in one transaction. A file already delivered or quarantined in
   * this job is refused, as is one the job does not have, and any checkpoint of a batch that is complete.
   * @throws {MillraceError} `LEDGER_CONFLICT` naming the file or batch; nothing of the checkpoint is then kept.
   */
  commit(jobId: string, checkpoint: Checkpoint): Promise<void>

  books(jobId: string): Promise<Books>
  /** How many files were excluded for each reason. */
  exclusions(jobId: string): Promise<Readonly<Record<string, number>>>
  /** What was quarantined, in byte order of the paths. */
  quarantine(jobId: string): Promise<readonly QuarantineRow[]>
  /** Every failed attempt, by path in byte order and by number, at most `limit`. */
  attempts(jobId: string, limit: number): Promise<readonly AttemptRow[]>
  /** The batches that have a checkpoint, by id. */
  batches(jobId: string): Promise<readonly BatchRow[]>
  slowest(jobId: string, limit: number): Promise<readonly SlowFile[]>
  /** The largest entries of each list, largest first, at most `limit` a list. */
  highlights(jobId: string, limit: number): Promise<readonly Highlight[]>
  /** Results in byte order of their paths, at most `limit` rows or about `maxBytes`, after `afterPath` (undefined for the start). */
  results(jobId: string, afterPath: string | undefined, limit: number, maxBytes: number): Promise<readonly ResultRow[]>

  /** What was learned and is kept between jobs, as JSON under a key. */
  recall(key: string): Promise<string | undefined>
  remember(key: string, json: string): Promise<void>

  /** Finishes what was called before, then closes. Safe to call twice. */
  close(): Promise<void>
}
