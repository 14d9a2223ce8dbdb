import type { BatchStatistics, JobRow } from '@millrace/files'
import { loadSettings } from '../config/settings.ts'
import { statisticsOfRunning } from '../control/control-client.ts'
import type { ExitCode } from '../exit-code.ts'
import { reportOf } from '../job/job-report.ts'
import { isSilent, secondsOf } from '../job/job-sign.ts'
import { isResumable } from '../job/job-state.ts'
import { jobSummary } from '../summary/job-summary.ts'
import { commandLine, pathFrom, placeWords, printJson, viewOf } from '../terminal.ts'
import type { JobsFlags } from './files-jobs.ts'
import { findJob } from './find-job.ts'
import { withLedger } from './with-ledger.ts'

/**
 * `millrace files show [job]`: all that the ledger tells of one job, the newest where none is named; and how far it is, where it runs.
 */
export function showJob(jobId: string | undefined, flags: JobsFlags): Promise<ExitCode> {
  return withLedger(flags, async (ledger, { liveness, signOf }) => {
    const job = await findJob(ledger, jobId)
    const sign = job.state === 'running' ? await signOf(job.jobId) : undefined
    // Who has not been heard of for long is not waited for.
    const running = isSilent(secondsOf(sign)) ? null : await progressOf(job, flags)
    const signNow = async () => (running === null ? sign : { paused: running.paused, silentMs: 0 })
    const told = await reportOf(ledger, job, { nowMs: Date.now(), isAlive: await liveness(), signOf: signNow })
    const report = { ...told, running }
    if (flags.json === true) printJson(report)
    else {
      const cwd = process.cwd()
      const command = (verb: string | readonly string[], id: string) =>
        commandLine(['files', verb, id, ...placeWords(flags)].flat(), process.env)
      const next = job.supersededBy === null ? command('resume', job.jobId) : command('show', job.supersededBy)
      process.stdout.write(
        jobSummary(report, {
          ...viewOf(process.stdout),
          pathOf: (path) => pathFrom(cwd, path),
          listCommand: command(['quarantine', 'list'], job.jobId),
          nextCommand: isResumable(report.state) || job.supersededBy !== null ? next : null,
        }),
      )
    }
  })
}

/** Where the job is now, or null where it does not run or cannot be reached: the ledger has the rest. */
async function progressOf({ jobId, state }: JobRow, flags: JobsFlags): Promise<BatchStatistics | null> {
  if (state !== 'running') return null
  try {
    const { stateDir, postgres } = await loadSettings(process.cwd(), flags)
    const statistics = await statisticsOfRunning(stateDir, postgres)
    return statistics?.jobId === jobId ? statistics : null
  } catch {
    return null
  }
}
