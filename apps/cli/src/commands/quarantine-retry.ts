import { configOfFlags, type HostFlags } from '../config/run-flags.ts'
import { loadResumeSettings, loadSettings, type Settings } from '../config/settings.ts'
import { connectControl, statisticsOfRunning } from '../control/control-client.ts'
import type { ExitCode } from '../exit-code.ts'
import { openToRead } from '../job/open-home.ts'
import { findQuarantined } from '../job/quarantine-paths.ts'
import { formatItems } from '../text/numbers.ts'
import { findStartedJob } from './find-job.ts'
import { hostJob } from './host-job.ts'
import { type Said, steer } from './steer.ts'

/** Flags of `millrace files quarantine retry`. */
export interface RetryFlags extends HostFlags {
  readonly job?: string
}

/** Files to try again: of this job, all of them or these. */
interface Order {
  readonly jobId: string
  readonly paths: readonly string[] | undefined
}

/**
 * `millrace files quarantine retry [path…]`: gives quarantined files another chance, all of them or those named. The job that runs does it beside
 * its other work; a job at rest, a finished one too, is taken up for it.
 */
export async function retryQuarantined(paths: readonly string[], flags: RetryFlags): Promise<ExitCode> {
  let order: Order | undefined
  const code = await steer(flags, async () => {
    const settings = await loadSettings(process.cwd(), flags)
    const { stateDir, postgres } = settings
    const found = await findOrder(settings, paths, flags.job)
    if (found.order === undefined) return nothingIn(found.jobId)
    const running = await statisticsOfRunning(stateDir, postgres)
    if (running?.jobId === found.jobId)
      return said(found.order, await connectControl(stateDir, postgres).retryQuarantined(found.order.paths))
    order = found.order
    return undefined
  })
  return order === undefined ? code : retryAtRest(order, flags)
}

function retryAtRest({ jobId, paths }: Order, flags: RetryFlags): Promise<ExitCode> {
  return hostJob(flags, async () => ({
    settings: await loadResumeSettings(process.cwd(), flags, configOfFlags(flags)),
    start: (engine, options) =>
      engine.resumeFailedBatchJob(jobId, undefined, { ...options, retryQuarantined: paths ?? true }),
  }))
}

/** @throws {MillraceError} `LEDGER_…`, `JOB_UNKNOWN`, `JOB_SUPERSEDED`, `QUARANTINE_UNKNOWN`. */
async function findOrder(place: Settings, paths: readonly string[], named: string | undefined) {
  const { ledger } = await openToRead(place)
  await using _open = ledger
  const { jobId, root } = await findStartedJob(ledger, named)
  const rows = await ledger.quarantine(jobId)
  if (paths.length === 0) return { jobId, order: rows.length === 0 ? undefined : { jobId, paths: undefined } }
  const found = findQuarantined(rows, paths, { cwd: process.cwd(), root })
  return { jobId, order: { jobId, paths: found.map(({ path }) => path) } }
}

function nothingIn(jobId: string): Said {
  return {
    words: `Job ${jobId} has nothing in quarantine.`,
    json: { event: 'quarantine-reopened', job: jobId, files: 0 },
  }
}

function said({ jobId }: Order, files: number): Said {
  return {
    words: `Job ${jobId} tries ${formatItems(files, 'file')} again.`,
    json: { event: 'quarantine-reopened', job: jobId, files },
  }
}
