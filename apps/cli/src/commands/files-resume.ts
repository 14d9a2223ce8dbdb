import { MillraceError } from '@millrace/kernel/errors'
import { configOfFlags, type HostFlags, queueOf } from '../config/run-flags.ts'
import { loadResumeSettings, loadSettings } from '../config/settings.ts'
import { connectControl, statisticsOfRunning } from '../control/control-client.ts'
import type { ExitCode } from '../exit-code.ts'
import { commandLine, placeWords } from '../terminal.ts'
import { hostJob } from './host-job.ts'
import { type Said, steer } from './steer.ts'

/**
 * `millrace files resume [job]`: goes on with a job that did not finish, the newest such one where none is named; or ends the pause of
 * one that runs.
 */
export async function resumeFiles(jobId: string | undefined, flags: HostFlags): Promise<ExitCode> {
  return (await continueRunning(jobId, flags)) ?? (await resumeStopped(jobId, flags))
}

function resumeStopped(jobId: string | undefined, flags: HostFlags): Promise<ExitCode> {
  return hostJob(flags, async () => ({
    settings: await loadResumeSettings(process.cwd(), flags, configOfFlags(flags)),
    start: (engine, options) => engine.resumeFailedBatchJob(jobId, undefined, options),
  }))
}

/** Gives undefined where the job does not run, so that there is nothing to continue. */
async function continueRunning(jobId: string | undefined, flags: HostFlags): Promise<ExitCode | undefined> {
  // Who queues up means a job of their own, whatever runs now.
  if (queueOf(flags) !== undefined) return undefined
  let runs = true
  const code = await steer(flags, async () => {
    const { stateDir, postgres } = await loadSettings(process.cwd(), flags)
    const running = await statisticsOfRunning(stateDir, postgres)
    if (running === undefined || (jobId ?? running.jobId) !== running.jobId) {
      runs = false
      return undefined
    }
    if (running.paused === null) throw alreadyRunning(running.jobId, flags)
    return said(await connectControl(stateDir, postgres).continue())
  })
  return runs ? code : undefined
}

function said(health: Awaited<ReturnType<ReturnType<typeof connectControl>['continue']>>): Said {
  const still = health.status === 'paused' ? `still waits. ${health.reasons.join(' ')}` : 'goes on.'
  return {
    words: `Job ${health.jobId} ${still}`,
    json: { event: 'continued', job: health.jobId, status: health.status },
  }
}

function alreadyRunning(jobId: string | null, flags: HostFlags): MillraceError {
  const show = commandLine(['files', 'show', ...placeWords(flags)], process.env)
  return new MillraceError(
    'JOB_RUNNING',
    `Job ${jobId} is running and needs no resuming. ${show} tells how far it is.`,
    {
      detail: { jobId },
    },
  )
}
