import type { Clock } from '@millrace/kernel/clock'
import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { wait } from './wait.ts'

/** What the process that coordinates a job has told of it last. */
export interface CoordinatorSign {
  readonly jobId: string
  /** Why nothing is started, or null where there is no reason. */
  readonly paused: string | null
  /** Since then, milliseconds, by the database's clock; null where it never told anything. On a standby it is as late as that is. */
  readonly silentMs: number | null
}

/** Between two signs of life, milliseconds. */
const SIGN_EVERY_MS = 2000
/** Between two looks at whether there is a change to tell at once, milliseconds. */
const LOOK_EVERY_MS = 200

/**
 * Shows that the coordinator of `epoch` lives, and whether its job is paused, until `signal` aborts. A row that others read: also where there is nobody to ask, as
 * on a standby, or behind a connection that was cut. A database that is away is told when it is back.
 */
export async function showCoordinator(
  { pool, tables }: LedgerDatabase,
  epoch: number,
  options: { readonly clock: Clock; readonly signal: AbortSignal; readonly paused: () => string | null },
): Promise<void> {
  const { clock, signal, paused } = options
  let told: string | null = null
  for (let toldAt = -SIGN_EVERY_MS; !signal.aborted; ) {
    const now = clock.now()
    const reason = paused()
    if (reason !== told || now - toldAt >= SIGN_EVERY_MS) {
      toldAt = now
      told = await pool
        .query(`UPDATE ${tables}.cluster_run SET seen_at = clock_timestamp(), paused = $2 WHERE epoch = $1`, [
          epoch,
          reason,
        ])
        .then(
          () => reason,
          () => told,
        )
    }
    await wait(clock, LOOK_EVERY_MS, signal)
  }
}

/** The sign of the job that is coordinated, or of the last one; undefined where there never was one. */
export async function readSign({ pool, tables }: LedgerDatabase): Promise<CoordinatorSign | undefined> {
  const { rows } = await pool.query<{ job_id: string; phase: string; paused: string | null; silent_ms: number | null }>(
    `SELECT job_id, phase, paused, extract(epoch FROM clock_timestamp() - seen_at)::float8 * 1000 AS silent_ms
FROM ${tables}.cluster_run`,
  )
  const [row] = rows
  if (row === undefined) return undefined
  const { job_id, phase, paused, silent_ms } = row
  // A standby's clock may be behind.
  const silentMs = silent_ms === null ? null : Math.max(0, silent_ms)
  return { jobId: job_id, paused: phase === 'over' ? null : paused, silentMs }
}
