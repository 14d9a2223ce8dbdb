import type { DiscoveredFile, ExcludedFile } from '../file.ts'
import type { Highlight } from '../processor/processor.ts'
import type { ResultRow } from '../sink/sink.ts'

/**
 * `queued` waits for its turn at the ledger. `running` is what a killed job still says; whether it runs is told by its
 * owner process, not by this word.
 */
export type JobState = 'queued' | 'running' | 'done' | 'interrupted' | 'failed'

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
  /** What makes the results: `name@version` of each processor, in order. */
  readonly processors: readonly string[]
  /** The configuration the job runs with, as JSON. */
  readonly config: string
  /** Its place among jobs that wait for the ledger: 0 (LOW) to 3 (CRITICAL). */
  readonly priority: number
  readonly owner: JobOwner
  /** Milliseconds since the epoch. */
  readonly createdMs: number
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
  readonly state: Exclude<JobState, 'queued' | 'running'>
  readonly finishedMs: number
  /** The summary as JSON, as the `--json` summary line has it. */
  readonly summary: string
  /** The one sentence that says why, where the job failed or was interrupted. */
  readonly reason?: string
}

export interface JobRow extends JobSpec {
  readonly jobId: string
  readonly state: JobState
  /** When it was last started, or null where it never was. */
  readonly startedMs: number | null
  /** How often it was started: 2 for a job that was resumed once. */
  readonly starts: number
  readonly finishedMs: number | null
  readonly summary: string | null
  readonly reason: string | null
  /** Whether the walk had ended, so that `discovered` is final. */
  readonly discoveryDone: boolean
  /** The later job that has taken over the tree, so that this one's files are no longer in the ledger; or null. */
  readonly supersededBy: string | null
}

/** What a started job goes on from. */
export interface JobStart {
  /** Batches of this start have numbers from here on. */
  readonly firstBatchId: number
}

/** A file as discovery hands it to the ledger: its facts, and which processor would make its record. */
export interface FoundFile extends DiscoveredFile {
  /** `name@version` of the processor that takes it. */
  readonly processor: string
}

/** A file in the ledger: discovery's facts and the number it goes by in its tree, for good. */
export interface LedgerFile extends DiscoveredFile {
  readonly fileId: number
  /**
   * SHA-256 of the contents its kept result was made from, or null where there is none: a file that still has these contents
   * need not be processed again, and is confirmed instead.
   */
  readonly knownHash: string | null
}

/** How far the ledger may take a file for unchanged. */
export type Reuse =
  /** By its stamp; where that says nothing, by its contents. */
  | 'stamp'
  /** By its contents only: every file is read. Where its stamp agrees, its result stands meanwhile. */
  | 'hash'
  /** Not at all: every file is processed. */
  | 'none'

/** A stretch of the tree, as discovery found it. */
export interface FoundChunk {
  /** In byte order of the paths. */
  readonly files: readonly FoundFile[]
  /** In byte order of the paths. */
  readonly excluded: readonly ExcludedFile[]
  /**
   * Where it is given, the chunk is no stretch: it is what there is at these paths and below them, in byte order and none below another. The rest of
   * the tree is not looked at.
   */
  readonly within?: readonly string[]
}

/** What becomes of the part of a tree that discovery has not come to: it is gone, or stands as it is. */
export type Unmet = 'gone' | 'stands'

export interface MeetOptions {
  readonly reuse: Reuse
  /** Whether unchanged files in quarantine are tried again. */
  readonly retryQuarantined: boolean
}

/** What the ledger made of a stretch of the tree. */
export interface Met {
  /**
   * Files of the stretch to be processed, or confirmed: new ones, changed ones, those never settled, and those whose contents are to be
   * checked. In the order found.
   */
  readonly pending: readonly LedgerFile[]
  /** Of `pending`, those that had been delivered or quarantined, and are not any more. */
  readonly reopened: readonly number[]
  /** Files whose result stands. */
  readonly unchanged: number
  /** Bytes of these. */
  readonly unchangedBytes: number
  /** Files that stay in quarantine. */
  readonly stillQuarantined: number
  /** Files that were in the stretch before and are gone; their results went with them. */
  readonly removed: number
}

export interface Delivery {
  readonly fileId: number
  readonly hash: string
  readonly record: string
  /** Time the processor took, milliseconds. */
  readonly ms: number
  /**
   * What the file was when it was read, as {@link DiscoveredFile.stamp} has it; or null where it had been touched so shortly
   * before that a later change might not show in its times, so that next time its contents decide.
   */
  readonly stamp: string | null
}

/** A file that was read and found to have the contents of its kept result, which stands again. */
export interface Confirmation {
  readonly fileId: number
  /** As in {@link Delivery.stamp}. */
  readonly stamp: string | null
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
  readonly size: number
}

/** All that one commit makes durable: results, failures, and the fact that they are in. */
export interface Checkpoint {
  readonly batchId: number
  /** Whether the batch is finished with this checkpoint; a long batch takes several. */
  readonly complete: boolean
  readonly priority: number
  readonly estimatedMs: number
  /** Time the batch has taken up to here, milliseconds. */
  readonly ms: number
  readonly worker: number
  readonly deliveries: readonly Delivery[]
  readonly confirmed: readonly Confirmation[]
  readonly quarantined: readonly Quarantined[]
  readonly attempts: readonly Attempt[]
  readonly highlights: readonly FileHighlight[]
}

/** A highlight and the file it is about, so that it goes when the file does. */
export interface FileHighlight extends Highlight {
  readonly fileId: number
}

/** An attempt as the ledger holds it. */
export interface AttemptRow extends Attempt {
  readonly path: string
  readonly batchId: number
}

/** A batch as its checkpoints left it. */
export interface BatchRow {
  readonly batchId: number
  readonly complete: boolean
  readonly priority: number
  readonly estimatedMs: number
  readonly ms: number
  readonly worker: number
  readonly checkpoints: number
  /** Files delivered or confirmed by its checkpoints. */
  readonly delivered: number
  readonly quarantined: number
}

export interface SlowFile {
  readonly path: string
  readonly ms: number
  readonly size: number
}

/**
 * Where the truth about trees and jobs lives: files, results, failures and what is finished. The results are in it, so there is no second
 * place that could disagree.
 *
 * A **tree** is a root together with the names of the processors. Its files, results and quarantine outlive the job that made them: the
 * next job over the tree takes over, and does only what has changed. A **job** is one run, or several where it was resumed; once a later job
 * has taken over its tree, it keeps its summary, books, batches and nothing else.
 *
 * Every method settles after its effect is durable. Calls take effect in the order they were made. A
 * call about a job the ledger does not have is refused with `JOB_UNKNOWN`, one after `close` with `LEDGER_CLOSED`. A call that needs the files
 * of a job whose tree was taken over is refused with `JOB_SUPERSEDED`. Any implementation passes the conformance
 * suite in `test/ledger/conformance.ts`.
 */
export interface Ledger extends AsyncDisposable {
  /**
   * Takes the ledger for this process until `close`, or says by false that another process has it. The operating system keeps the lock: it
   * ends with the process, however that ends. Calls from `startJob` to `commit` need it (`LEDGER_NOT_OWNED`).
   */
  tryOwn(): Promise<boolean>
  /** Gives the ownership up, where there is one; the ledger stays open. A job that was started here has to be started again. */
  release(): Promise<void>

  /** Enters a job that is to be started, state `queued`. Gives its id: `20261121-001`, the UTC day of `createdMs` and the job's place in it. Ids sort by age. */
  enqueueJob(spec: JobSpec): Promise<string>
  /**
   * Starts a queued job, or starts one again that did not finish: state `running`, with this owner. It takes over its tree; files, results and
   * quarantine stay as they are until discovery meets them.
   * @throws {MillraceError} `JOB_SUPERSEDED` where a later job has taken over the tree, `JOB_DONE` where it is done.
   */
  startJob(jobId: string, owner: JobOwner, startedMs: number): Promise<JobStart>
  /** Ends a job; what its books say now is kept with it. */
  finishJob(jobId: string, outcome: JobOutcome): Promise<void>
  /** All jobs, newest first. */
  jobs(): Promise<readonly JobRow[]>
  /** The job, or the newest one when no id is given, or undefined. */
  job(jobId?: string): Promise<JobRow | undefined>

  /**
   * Compares the next stretch of the tree with what the ledger has, and brings the ledger up to date with it: enters what is new, reopens what
   * changed, removes what is gone. Stretches come in byte order of the paths, from the job's start to `endDiscovery`; one reaches from the last
   * path of the stretch before to its own last path.
   *
   * A file is unchanged where size and stamp are those of its result, and so is its processor. One whose stamp differs, or
   * says nothing, is pending with its `knownHash`; one whose processor differs is pending without. Where `reuse` is `hash`, an unchanged file comes with
   * its `knownHash` too, to be settled once more; its result stands until then, and nothing is written. What the job itself has delivered or
   * confirmed is taken by its stamp whatever `reuse` says, so that a resumed job does not read a file again. A file in quarantine stays there while stamp, size and
   * processor are what they were when it was met.
   * @throws {MillraceError} `LEDGER_CONFLICT` where paths do not ascend or discovery had ended; nothing of the call is then kept.
   * `JOB_NOT_STARTED` where `startJob` was not called since the ledger was opened; so do `endDiscovery` and `commit`.
   */
  meetFiles(jobId: string, found: FoundChunk, options: MeetOptions): Promise<Met>
  /**
   * Says that discovery ended: what lies behind the last path met is gone, unless it stands, and `discovered` is final. Gives how many files went.
   * @param unmet @default 'gone'
   */
  endDiscovery(jobId: string, unmet?: Unmet): Promise<number>
  /** Files neither delivered nor quarantined, so without those that are only to be checked; by id, in pages of at most `limit` after `afterFileId` (-1 for the start). */
  pendingFiles(jobId: string, afterFileId: number, limit: number): Promise<readonly LedgerFile[]>
  /**
   * Takes files out of quarantine, all of them or those of `paths`, and gives them back as pending.
   * @throws {MillraceError} `QUARANTINE_UNKNOWN` naming the paths that are not in it; nothing is then taken out.
   */
  reopenQuarantined(jobId: string, paths?: readonly string[]): Promise<readonly LedgerFile[]>

  /**
   * Commits a batch's results and the fact that they are in, in one transaction. A file delivered or quarantined already is refused, unless
   * `meetFiles` handed it out to be checked since the job was started; so is one the ledger never had, a confirmation without a kept
   * result, and any checkpoint of a batch that is complete. Files that discovery has
   * removed meanwhile are passed over; the call gives their ids.
   * @throws {MillraceError} `LEDGER_CONFLICT` naming the file or batch; nothing of the checkpoint is then kept.
   */
  commit(jobId: string, checkpoint: Checkpoint): Promise<readonly number[]>

  /** Counted now; or, for a job that a later one has superseded, as they were counted when it ended or was taken over. */
  books(jobId: string): Promise<Books>
  /**
   * A number that is another one whenever the results of the job's tree are, and never smaller than it was. A result whose file is read again
   * counts as there until it is known that it is void: it is the same number before and after a confirmation.
   */
  revision(jobId: string): Promise<number>
  /** How many files were excluded for each reason. */
  exclusions(jobId: string): Promise<Readonly<Record<string, number>>>
  /** What was quarantined, in byte order of the paths. */
  quarantine(jobId: string): Promise<readonly QuarantineRow[]>
  /** Every failed attempt at files the tree still has, by path in byte order and by number, at most `limit`. */
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

  /** Finishes what was called before, then closes and gives up the ownership. Safe to call twice. */
  close(): Promise<void>
}
