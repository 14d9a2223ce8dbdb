import { type ClusterPlanOptions, planCluster } from '@millrace/files'
import { MillraceError } from '@millrace/kernel/errors'
import type { PlaceFlags } from '../config/run-flags.ts'
import { loadSettings } from '../config/settings.ts'
import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { openToRead } from '../job/open-home.ts'
import { errorLine } from '../report-error.ts'
import { type MeasuredCost, planReport } from '../summary/plan-report.ts'
import { printJson, viewOf } from '../terminal.ts'

export interface PlanFlags extends PlaceFlags {
  readonly files: number
  readonly workers: number
  readonly msPerFile?: number
  readonly batchSize?: number
  readonly commitMs?: number
  readonly commitMsPerFile?: number
  readonly publishMsPerFile?: number
  readonly handOutMs?: number
  readonly postgresCores?: number
  readonly json?: boolean
}

/** `millrace files plan`: how long a job over many machines would take, and what it would wait for. */
export async function planFiles(flags: PlanFlags): Promise<ExitCode> {
  try {
    const measured = flags.msPerFile === undefined ? await measuredCost(flags) : undefined
    const { json, state: _state, postgres: _postgres, config: _config, profile: _profile, ...given } = flags
    const options: ClusterPlanOptions = { ...given, ...(measured !== undefined && { msPerFile: measured.msPerFile }) }
    const plan = planCluster(options)
    if (json === true) printJson({ ...plan, measured: measured ?? null })
    else process.stdout.write(planReport(plan, measured, viewOf(process.stdout)))
    return ExitCode.DELIVERED
  } catch (error) {
    process.stderr.write(`${errorLine(error, viewOf(process.stderr).style)}\n`)
    return exitCodeOf({ kind: 'failed', error, jobStarted: false })
  }
}

/** The time of a worker for a file, by the batches of the newest job that processed some; undefined where there is no ledger, or no such job. */
async function measuredCost(flags: PlanFlags): Promise<MeasuredCost | undefined> {
  const isNamed = flags.state !== undefined || flags.postgres !== undefined
  const opened = await openToRead(await loadSettings(process.cwd(), flags)).catch((error: unknown) => {
    // Before the first job there is none; but one that is named should be there.
    if (error instanceof MillraceError && error.code === 'LEDGER_MISSING' && !isNamed) return undefined
    throw error
  })
  if (opened === undefined) return undefined
  await using ledger = opened.ledger
  for (const { jobId } of await ledger.jobs()) {
    let files = 0
    let ms = 0
    for (const batch of await ledger.batches(jobId)) {
      files += batch.delivered + batch.quarantined
      ms += batch.ms
    }
    if (files >= 100 && ms > 0) return { jobId, files, msPerFile: ms / files }
  }
  return undefined
}
