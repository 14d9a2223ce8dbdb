import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, show } from '@millrace/kernel/options'
import type { Cron } from 'croner'
import { croner } from '../host/rare-packages.ts'
import type { MaintenanceWindow } from '../monitors/monitor.ts'

/** Whether it is time for maintenance. */
export interface MaintenanceState {
  readonly isInside: boolean
  /** When it is the other way round, in ms since 1970; `Infinity` if never. */
  readonly changesAt: number
}

/** So many windows that follow upon one another are joined. */
const MOST_JOINED = 24
const FIVE_OR_SIX_FIELDS = /^\s*\S+(?:\s+\S+){4,5}\s*$/

/**
 * When maintenance is: windows, each open for its duration from every time that its cron expression names, in its timezone. Windows that overlap, or begin
 * where another ends, are one.
 *
 * Where the clock is put forward, a time of day that does not exist is when it is put forward; where it is put back, one that exists twice is the first of
 * both. An expression of several times a day skips those that do not exist, and takes both of those that do twice. Durations are of real time.
 *
 * Goes by nothing but the time it is asked for. What it found holds until it changes, and is O(1) so long; to find it takes half a millisecond a window.
 */
export class Maintenance {
  readonly #windows: readonly MaintenanceWindow[]
  #found: MaintenanceState = { isInside: false, changesAt: Number.NEGATIVE_INFINITY }
  /** When that was so first, as far as anybody knows. */
  #since = Number.POSITIVE_INFINITY

  /** @throws {MillraceError} `OPTION_INVALID` if a window has an expression, a duration or a timezone that is none, or is never. */
  constructor(windows: readonly MaintenanceWindow[]) {
    for (const window of windows) check(window)
    this.#windows = windows
  }

  /**
   * How it is at `time`, in ms since 1970. Where more than 24 windows follow upon one another without a gap, `changesAt` is the end of some of them: who asks
   * again then is told that it goes on.
   */
  at(time: number): MaintenanceState {
    if (time < this.#since || time >= this.#found.changesAt) {
      this.#found = findState(this.#windows, Math.floor(time))
      this.#since = time
    }
    return this.#found
  }
}

function findState(windows: readonly MaintenanceWindow[], now: number): MaintenanceState {
  // Made anew each time: each has 80 KB.
  const opened = windows.map(({ cron, durationMs, timezone }) => ({ cron: parse(cron, timezone), durationMs }))
  let end = now
  for (let joined = 0; joined < MOST_JOINED; joined++) {
    const before = end
    for (const { cron, durationMs } of opened) {
      const start = cron.previousRuns(1, new Date(end + 1))[0]
      if (start !== undefined) end = Math.max(end, start.getTime() + durationMs)
    }
    if (end === before) break
  }
  if (end > now) return { isInside: true, changesAt: end }
  let opensAt = Number.POSITIVE_INFINITY
  for (const { cron } of opened) {
    const next = cron.nextRun(new Date(now))
    if (next !== null) opensAt = Math.min(opensAt, next.getTime())
  }
  return { isInside: false, changesAt: opensAt }
}

function check({ cron, durationMs, timezone }: MaintenanceWindow): void {
  checkInteger('Maintenance', 'durationMs', durationMs, { min: 1 })
  try {
    if (!FIVE_OR_SIX_FIELDS.test(cron)) throw new TypeError('it has not five or six fields')
    if (parse(cron, timezone).nextRun(new Date(0)) === null) throw new RangeError('it is never')
  } catch (cause) {
    throw new MillraceError(
      'OPTION_INVALID',
      `Maintenance: cron must be five or six fields that name a time, and timezone an IANA name, not ${show(cron)} in ${show(timezone)}`,
      { detail: { cron, timezone }, cause },
    )
  }
}

function parse(cron: string, timezone: string): Cron {
  return new (croner().Cron)(cron, { mode: '5-or-6-parts', timezone })
}
