import { MillraceError } from '@millrace/kernel/errors'
import { isOwnerAlive } from '../ledger/job-owner.ts'
import type { JobRow } from '../ledger/ledger.ts'

/**
 * The job of `jobs` (newest first) to go on with: the one of that id, or the newest that did not come to its end and that no process works on.
 *
 * One that is done is given only where `reopen` says that its quarantine is to be tried again.
 * @throws {MillraceError} `JOB_UNKNOWN`, `JOB_DONE`, `NOTHING_TO_RESUME`.
 */
export function jobToResume(
  jobs: readonly JobRow[],
  jobId: string | undefined,
  { reopen, stateDir }: { readonly reopen: boolean; readonly stateDir: string },
  isAlive: (job: JobRow) => boolean = ({ owner }) => isOwnerAlive(owner),
): JobRow {
  const left = (job: JobRow) => {
    if (job.supersededBy !== null) return false
    if (job.state === 'done') return reopen
    return job.state === 'interrupted' || job.state === 'failed' || !isAlive(job)
  }
  const job = jobId === undefined ? jobs.find(left) : jobs.find((row) => row.jobId === jobId)
  if (job === undefined) throw jobId === undefined ? nothingToResume(stateDir) : jobUnknown(jobId)
  if (job.state === 'done' && !reopen) throw jobDone(job.jobId)
  return job
}

function nothingToResume(stateDir: string): MillraceError {
  return new MillraceError(
    'NOTHING_TO_RESUME',
    `Nothing in ${stateDir} is left to resume: every job there is done, runs, or was followed by a later one. \`millrace files run\` brings a tree up to date.`,
    { detail: { stateDir } },
  )
}

function jobUnknown(jobId: string): MillraceError {
  return new MillraceError(
    'JOB_UNKNOWN',
    `The ledger has no job ${jobId}. \`millrace files jobs\` lists those it has.`,
    {
      detail: { jobId },
    },
  )
}

function jobDone(jobId: string): MillraceError {
  return new MillraceError(
    'JOB_DONE',
    `Job ${jobId} is done, and nothing of it is left to resume. \`millrace files run\` brings its tree up to date; \`millrace files quarantine retry\` tries quarantined files again.`,
    { detail: { jobId } },
  )
}
