import type { PauseCause, WorkerStatistics } from '../engine/events.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'
import type { AssignedFile } from '../worker/executor.ts'

/** Who does the work at the moment. */
export interface Workforce {
  /** Workers there are, and those that have a batch in hand. */
  readonly workers: number
  readonly busy: number
  /** Workers that died with work in hand. */
  readonly replaced: number
  /** Time all workers together have been busy, milliseconds. */
  readonly busyMs: number
  readonly perWorker: readonly WorkerStatistics[]
}

/**
 * Sees a job's batches through, wherever they are done: every file that is enqueued settles once, or is recalled, or is left to another start
 * by {@link Dispatch.drain}.
 */
export interface Dispatch<F extends AssignedFile> {
  /** Settles when it is sealed and all is through, or drained; rejects where the job fails. */
  readonly finished: Promise<void>
  /** Batches that wait for a worker. */
  readonly queued: number
  /** Why nothing is started, or null where there is no reason. */
  readonly paused: string | null
  /** `open`: something ran out, and is waited for. `half-open`: one try finds out whether it is there again. */
  readonly breaker: 'closed' | 'open' | 'half-open'
  /** Most batches that are done at once now: plans are made for so many. */
  readonly concurrency: number
  workforce(): Workforce
  /** What the workers on this machine hold and have used. */
  usage(): { readonly rssMb: number; readonly cpuMs: number }

  /** Has workers started ahead of need, until there are `count`. */
  warm(count: number): void
  /** The batches of a plan as they are best handed out here. */
  arrange(batches: readonly FileBatch<F>[]): readonly FileBatch<F>[]
  enqueue(batches: Iterable<FileBatch<F>>): void
  /** Takes back the files of every batch that no worker has had yet, to be planned anew. */
  recall(): F[]
  /** Changes how many batches run at once. */
  resize(concurrency: number): void
  /** Starts nothing more until {@link Dispatch.continue}: batches in hand are finished and committed. */
  pause(by: PauseCause, reason: string): void
  /** Ends the pause of one cause. */
  continue(by: PauseCause): void
  /** Makes another call that writes to the ledger, as patiently as commits are made. */
  insist<T>(call: () => Promise<T>): Promise<T>
  /** Settles when all that has been reported by now is durable; rejects where the job fails before. */
  checkpoint(): Promise<void>
  /** Keeps `finished` from settling while `work` finds out whether there is more to do, and enqueues it. @throws {MillraceError} `JOB_NOT_RUNNING`. */
  holdOpen<T>(work: () => Promise<T>): Promise<T>
  /** Says that no further batch will come. */
  seal(): void
  /** Starts nothing more; what is in hand is finished and committed, then `finished` settles. */
  drain(): void
  /** Gives up: `finished` rejects with `error`, unless it has settled. */
  fail(error: unknown): void
  /** Lets the workers go: the work is done. */
  dismiss(why: string): void
  /** Ends at once what is in hand; settles when nothing of it is left. */
  close(): Promise<void>
}
