import { MillraceError } from '@millrace/kernel/errors'
import type { Books, Ledger } from '../ledger/ledger.ts'

/** Where a job stood at one moment: all of it durable in the ledger by then. Plain data, to be kept anywhere. */
export interface CheckpointData {
  readonly jobId: string
  /** Absolute path of the tree. */
  readonly root: string
  /** The folder of the ledger that holds what this speaks of. */
  readonly stateDir: string
  /** Milliseconds since the epoch. */
  readonly createdMs: number
  readonly books: Books
  /** Files neither delivered nor quarantined yet; more may come while discovery is not done. */
  readonly pending: number
  readonly discoveryDone: boolean
  /** The ledger's revision: one with a lower number is older than this checkpoint. */
  readonly revision: number
}

/** Reads a job's checkpoint from its ledger. @throws {MillraceError} `JOB_UNKNOWN`, `JOB_SUPERSEDED`. */
export async function checkpointOf(
  ledger: Ledger,
  stateDir: string,
  jobId: string,
  createdMs: number,
): Promise<CheckpointData> {
  const [job, books, revision] = await Promise.all([ledger.job(jobId), ledger.books(jobId), ledger.revision(jobId)])
  const { discovered, delivered, quarantined, excluded } = books
  return {
    jobId,
    root: job!.root,
    stateDir,
    createdMs,
    books,
    pending: discovered - delivered - quarantined - excluded,
    discoveryDone: job!.discoveryDone,
    revision,
  }
}

/**
 * Checks that the ledger has all that a checkpoint says.
 * @throws {MillraceError} `CHECKPOINT_MISMATCH` where it is of another job, or the ledger is older than it.
 */
export async function checkCheckpoint(ledger: Ledger, jobId: string, checkpoint: CheckpointData): Promise<void> {
  if (checkpoint.jobId !== jobId) {
    throw new MillraceError(
      'CHECKPOINT_MISMATCH',
      `The checkpoint is of job ${checkpoint.jobId}, not of ${jobId}. Give the one that belongs to the job, or none.`,
      { detail: { jobId, checkpointOf: checkpoint.jobId } },
    )
  }
  const revision = await ledger.revision(jobId)
  if (revision >= checkpoint.revision) return
  const { delivered } = await ledger.books(jobId)
  throw new MillraceError(
    'CHECKPOINT_MISMATCH',
    `The ledger in ${checkpoint.stateDir} is older than the checkpoint of job ${jobId}: it has ${delivered} results, the checkpoint ${checkpoint.books.delivered}. Restore the ledger that belongs to it, or resume without the checkpoint: what is missing is then done again.`,
    { detail: { jobId, revision, expected: checkpoint.revision } },
  )
}
