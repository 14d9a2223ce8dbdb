import type { JobRow, Ledger } from '@millrace/files'
import { MillraceError } from '@millrace/kernel/errors'
import { didYouMean } from '../config/did-you-mean.ts'
import { commandLine } from '../terminal.ts'

/**
 * The job of that id, or the newest one.
 * @throws {MillraceError} `JOB_UNKNOWN`, with the id that was probably meant.
 */
export async function findJob(ledger: Ledger, jobId: string | undefined): Promise<JobRow> {
  const job = await ledger.job(jobId)
  return job ?? refuse(ledger, jobId)
}

/**
 * The job of that id, or the newest one whose turn has come: one that waits for the ledger has no files in it.
 * @throws {MillraceError} `JOB_UNKNOWN`.
 */
export async function findStartedJob(ledger: Ledger, jobId: string | undefined): Promise<JobRow> {
  if (jobId !== undefined) return findJob(ledger, jobId)
  const job = (await ledger.jobs()).find(({ startedMs }) => startedMs !== null)
  return job ?? refuse(ledger, jobId)
}

async function refuse(ledger: Ledger, jobId: string | undefined): Promise<never> {
  const known = (await ledger.jobs()).map((row) => row.jobId)
  throw new MillraceError(
    'JOB_UNKNOWN',
    jobId === undefined
      ? `The ledger has no jobs yet. Start one: ${commandLine(['files', 'run'], process.env)}`
      : `There is no job "${jobId}".${didYouMean(jobId, known)} \`${commandLine(['files', 'jobs'], process.env)}\` lists them.`,
    { detail: { jobId } },
  )
}
