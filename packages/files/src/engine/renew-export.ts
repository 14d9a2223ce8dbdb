import { exportUnlessCurrent, treeKey } from '../sink/export-unless-current.ts'
import { STANDARD_OUTPUT } from '../sink/target.ts'
import type { ResolvedConfig } from './config.ts'
import type { EngineEvent } from './events.ts'
import type { JobHome } from './job-home.ts'

export interface RenewOptions {
  readonly home: JobHome
  readonly config: Pick<ResolvedConfig, 'sink' | 'out' | 'stateDir'>
  readonly jobId: string
  readonly signal: AbortSignal
  readonly emit: (event: EngineEvent) => void
}

/**
 * `done`: the output is what the ledger has. `owned`: another process has the ledger, so that it must wait. `superseded`: another job has been over the
 * tree, and its results are not this one's.
 */
export type Renewal = 'done' | 'owned' | 'superseded'

/**
 * Writes what a job that is done has come to, where the job itself did not.
 *
 * The ledger is taken for as long as that lasts: what is written is of one moment. To standard output all of it goes, once it has begun.
 * @throws {MillraceError} as an export does; the signal's reason when aborted.
 */
export async function renewExport({ home, config, jobId, signal, emit }: RenewOptions): Promise<Renewal> {
  const { sink, out, stateDir } = config
  if (sink === null || out === null) return 'done'
  const ledger = await home.openLedger(stateDir)
  try {
    if (!(await ledger.tryOwn())) return 'owned'
    const job = await ledger.job(jobId)
    if (job === undefined || job.supersededBy !== null) return 'superseded'
    const onStart = (rows: number) => emit({ type: 'exporting', out, rows })
    const tree = treeKey(job.root, job.processors)
    // What has gone into a pipe cannot be taken back: it is followed by the rest.
    const whole = out === STANDARD_OUTPUT ? new AbortController().signal : signal
    const written = await exportUnlessCurrent({ ledger, jobId, stateDir, tree, sink, out, signal: whole, onStart })
    emit({ type: written ? 'exported' : 'export-skipped', out })
    return 'done'
  } finally {
    await home.leaveLedger(ledger)
  }
}
