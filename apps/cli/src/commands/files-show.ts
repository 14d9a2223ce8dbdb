import { MillraceError } from '@millrace/kernel'
import { didYouMean } from '../config/did-you-mean.ts'
import type { ExitCode } from '../exit-code.ts'
import { reportOf } from '../job/job-report.ts'
import { jobSummary } from '../summary/job-summary.ts'
import { commandLine, pathFrom, printJson, viewOf } from '../terminal.ts'
import type { JobsFlags } from './files-jobs.ts'
import { withLedger } from './with-ledger.ts'

/** `millrace files show [job]`: all that the ledger tells of one job, the newest where none is named. */
export function showJob(jobId: string | undefined, flags: JobsFlags): Promise<ExitCode> {
  return withLedger(flags, async (ledger) => {
    const job = await ledger.job(jobId)
    if (job === undefined) {
      const known = (await ledger.jobs()).map((row) => row.jobId)
      throw new MillraceError(
        'JOB_UNKNOWN',
        jobId === undefined
          ? `The ledger has no jobs yet. Start one: ${commandLine(['files', 'run'], process.env)}`
          : `There is no job "${jobId}".${didYouMean(jobId, known)} ${commandLine(['files', 'jobs'], process.env)} lists them.`,
        { detail: { jobId } },
      )
    }
    const report = await reportOf(ledger, job, Date.now())
    if (flags.json === true) printJson(report)
    else {
      const cwd = process.cwd()
      process.stdout.write(jobSummary(report, { ...viewOf(process.stdout), pathOf: (path) => pathFrom(cwd, path) }))
    }
  })
}
