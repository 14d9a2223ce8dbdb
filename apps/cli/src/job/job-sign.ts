import { statSync } from 'node:fs'
import { join } from 'node:path'
import { statisticsOfRunning } from '../control/control-client.ts'

/** What a job that runs has told of itself last. */
export interface JobSign {
  /** Why nothing is started, or null where there is no reason. */
  readonly paused: string | null
  /** Since then, milliseconds; null where it never told anything. */
  readonly silentMs: number | null
}

/** How long a job of this machine may take to tell how it is: who lists jobs waits for that. */
const PATIENCE_MS = 2000
/** Who is there tells something more often than that, seconds. */
const SILENT_AFTER_S = 15

/**
 * Asks the job that runs on the ledger in `stateDir`. Where it does not answer, since it hangs or is on another machine that has the folder too, the ledger's
 * files tell when it wrote last.
 */
export async function signOfLocal(stateDir: string, jobId: string, nowMs = Date.now()): Promise<JobSign | undefined> {
  try {
    const statistics = await statisticsOfRunning(stateDir, undefined, PATIENCE_MS)
    if (statistics?.jobId === jobId) return { paused: statistics.paused, silentMs: 0 }
  } catch {
    // The files are asked then.
  }
  const writtenMs = ['ledger.db', 'ledger.db-wal'].map(
    (name) => statSync(join(stateDir, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  )
  return { paused: null, silentMs: Math.max(0, nowMs - Math.max(...writtenMs)) }
}

/** How long ago a job was heard of, or null where that is not known. */
export function secondsOf(sign: JobSign | undefined): number | null {
  return sign === undefined || sign.silentMs === null ? null : sign.silentMs / 1000
}

/** Whether a job that should have told of itself has not for so long. */
export function isSilent(seconds: number | null): seconds is number {
  return seconds !== null && seconds >= SILENT_AFTER_S
}
