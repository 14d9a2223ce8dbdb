import type { Clock, Timer } from '@millrace/kernel/clock'
import type { CronSchedule } from './cron-schedule.ts'

/** A moment whose time has come. */
export interface ScheduledMoment {
  /** When it was due, milliseconds since the epoch. */
  readonly dueMs: number
  /** Moments before it that went by while the work of an earlier one, or the machine's sleep, went on; at most 1000 are counted. */
  readonly missed: number
}

export interface ScheduledOptions {
  readonly schedule: CronSchedule
  readonly clock: Clock
  /** Ends the iteration. */
  readonly signal: AbortSignal
  /** Told when the next moment is, each time it is waited for. */
  readonly onWait?: (dueMs: number) => void
}

/** The wall clock may be set, and a machine may sleep: it is looked at so often. */
const LOOK_EVERY_MS = 15_000
const MOST_MISSED = 1000

/**
 * The moments of a schedule, each when its time has come. Never two at once: the next is looked for when the iteration asks for it, and of those that went
 * by meanwhile only the last comes, at once. Ends where `signal` aborts, or no moment is left.
 */
export async function* scheduled({
  schedule,
  clock,
  signal,
  onWait = () => {},
}: ScheduledOptions): AsyncGenerator<ScheduledMoment, void, undefined> {
  let after = clock.wallNow()
  while (!signal.aborted) {
    let due = schedule.next(after)
    if (due === undefined) return
    onWait(due)
    await untilWall(due, clock, signal)
    if (signal.aborted) return
    const now = clock.wallNow()
    let missed = 0
    for (let next = schedule.next(due); next !== undefined && next <= now && missed < MOST_MISSED; missed++) {
      due = next
      next = schedule.next(due)
    }
    after = missed < MOST_MISSED ? due : now
    yield { dueMs: due, missed }
  }
}

/** Settles when the wall clock shows `dueMs`, or `signal` aborts. */
async function untilWall(dueMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && clock.wallNow() < dueMs) {
    let timer: Timer | undefined
    let wake = () => {}
    await new Promise<void>((resolve) => {
      wake = resolve
      signal.addEventListener('abort', wake, { once: true })
      timer = clock.after(Math.min(LOOK_EVERY_MS, dueMs - clock.wallNow()), resolve)
    })
    timer?.cancel()
    signal.removeEventListener('abort', wake)
  }
}
