import { hostname } from 'node:os'
import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { exhaustedLedger } from '../dispatch/exhaustion.ts'
import { isOwnerAlive } from '../ledger/job-owner.ts'
import type { JobRow, Ledger } from '../ledger/ledger.ts'

export interface TurnOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told the jobs before this one, whenever they are others than before. */
  readonly onBehind: (jobIds: readonly string[]) => void
  /** Tells of jobs whether their processes are alive, as they are at the moment. @default by the processes of this machine */
  readonly liveness?: () => Promise<(job: JobRow) => boolean>
}

/** A waiting job looks this often whether its turn has come, milliseconds. */
const LOOK_EVERY_MS = 200

/**
 * Waits until the ledger is this job's: the one that has it is done or dead, and no living job of a higher priority, or of the same
 * and older, waits too. A ledger that is away for a while is waited for.
 * @throws the signal's reason where it aborts.
 */
export async function waitForTurn(ledger: Ledger, jobId: string, options: TurnOptions): Promise<void> {
  const { clock, signal, onBehind, liveness = async () => isAliveHere } = options
  let told = ''
  for (;;) {
    signal.throwIfAborted()
    try {
      const ahead = jobsAhead(await ledger.jobs(), jobId, await liveness())
      if (!ahead.some(({ state }) => state === 'queued') && (await ledger.tryOwn())) return
      const behind = ahead.map((job) => job.jobId)
      if (behind.join() !== told) onBehind(behind)
      told = behind.join()
    } catch (error) {
      if (exhaustedLedger(error) === undefined) throw error
    }
    await pause(clock, LOOK_EVERY_MS, signal)
  }
}

/** Those that go before `jobId`: the one that runs, then those that wait with a higher priority or longer. */
export function jobsAhead(
  jobs: readonly JobRow[],
  jobId: string,
  isAlive: (job: JobRow) => boolean = isAliveHere,
): readonly JobRow[] {
  const own = jobs.find((job) => job.jobId === jobId)
  const priority = own?.priority ?? 0
  const older = (job: JobRow) => job.jobId < jobId
  return jobs
    .filter((job) => job.jobId !== jobId && (job.state === 'running' || job.state === 'queued') && isAlive(job))
    .filter((job) => job.state === 'running' || job.priority > priority || (job.priority === priority && older(job)))
    .sort((a, b) => Number(b.state === 'running') - Number(a.state === 'running') || b.priority - a.priority)
}

/** The refusal of a ledger that another process has, naming what it works on. */
export async function ledgerOwned(
  ledger: Ledger,
  stateDir: string,
  isAlive: (job: JobRow) => boolean = isAliveHere,
): Promise<MillraceError> {
  const running = (await ledger.jobs()).find((job) => job.state === 'running' && isAlive(job))
  const who =
    running === undefined
      ? 'another process'
      : `job ${running.jobId} over ${running.root} (${processOf(running)}, since ${timeOf(running.startedMs ?? running.createdMs)})`
  return new MillraceError(
    'LEDGER_OWNED',
    `The ledger in ${stateDir} is in use by ${who}. Wait for it with --queue, stop it, or give this run a ledger of its own with --state DIR.`,
    { detail: { stateDir, jobId: running?.jobId, pid: running?.owner.pid, startedMs: running?.startedMs } },
  )
}

function isAliveHere({ owner }: JobRow): boolean {
  return isOwnerAlive(owner)
}

function processOf({ owner: { pid, host } }: JobRow): string {
  return host === hostname() ? `process ${pid}` : `process ${pid} on ${host}`
}

function timeOf(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-GB')
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const stop = () => {
      timer.cancel()
      reject(signal.reason)
    }
    const timer = clock.after(ms, () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
    signal.addEventListener('abort', stop, { once: true })
  })
}
