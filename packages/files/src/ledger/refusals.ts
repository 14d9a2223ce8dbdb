import { MillraceError } from '@millrace/kernel/errors'

/** The refusals that every ledger has, in the same words. */

export function jobUnknown(jobId: string): MillraceError {
  return new MillraceError(
    'JOB_UNKNOWN',
    `The ledger has no job ${jobId}. \`millrace files jobs\` lists those it has.`,
    { detail: { jobId } },
  )
}

export function jobDone(jobId: string): MillraceError {
  return new MillraceError('JOB_DONE', `Job ${jobId} is done: there is nothing to go on with. Run it anew instead.`, {
    detail: { jobId },
  })
}

export function jobNotStarted(jobId: string): MillraceError {
  return new MillraceError('JOB_NOT_STARTED', `Job ${jobId} is not running here: start it with startJob() first.`, {
    detail: { jobId },
  })
}

export function superseded(jobId: string, supersededBy: string): MillraceError {
  return new MillraceError(
    'JOB_SUPERSEDED',
    `Job ${supersededBy} has taken over the tree of job ${jobId}: the files are its files now. Name job ${supersededBy} instead.`,
    { detail: { jobId, supersededBy } },
  )
}

export function discoveryEnded(jobId: string): MillraceError {
  return new MillraceError(
    'LEDGER_CONFLICT',
    `Job ${jobId} was handed files after its discovery had ended. Start it again to meet the tree anew; nothing of the call is kept.`,
    { detail: { jobId } },
  )
}

export function handedTwice(jobId: string, cause: unknown): MillraceError {
  return new MillraceError(
    'LEDGER_CONFLICT',
    `Job ${jobId} was handed a file twice: paths come in byte order, each once. Nothing of the call is kept.`,
    { detail: { jobId }, cause },
  )
}

export function batchComplete(jobId: string, batchId: number): MillraceError {
  return new MillraceError(
    'LEDGER_CONFLICT',
    `Batch ${batchId} of job ${jobId} is complete and takes no further checkpoint. Nothing of this one is kept.`,
    { detail: { jobId, batchId } },
  )
}

/** A file over which a checkpoint is refused, and why. */
export interface RefusedFile {
  readonly fileId: number
  readonly path: string | null
  readonly state: string
}

export function fileRefused(
  jobId: string,
  batchId: number,
  { fileId, path, state }: RefusedFile,
  cause?: unknown,
): MillraceError {
  return new MillraceError(
    'LEDGER_CONFLICT',
    `A checkpoint of batch ${batchId} in job ${jobId} was refused: file ${fileId}${path === null ? '' : ` (${path})`} is ${state}. Nothing of the checkpoint is kept.`,
    { detail: { jobId, batchId, fileId, path, state }, cause },
  )
}

export function notOwner(call: string): MillraceError {
  return new MillraceError(
    'LEDGER_NOT_OWNED',
    `${call} changes what only the ledger's owner may change, and this process is not it. Call tryOwn() first.`,
    { detail: { call } },
  )
}

export function ledgerClosed(): MillraceError {
  return new MillraceError(
    'LEDGER_CLOSED',
    'The ledger is closed and takes no further call. Open it again with openLedger().',
  )
}

export function recordDamaged(jobId: string, path: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'LEDGER_CORRUPT',
    `The record of ${path} in job ${jobId} is damaged: the ledger's disk or file has lost bits. Restore the ledger from a copy, or move it away and run again: the next run starts a new one.`,
    { detail: { jobId, path }, cause },
  )
}
