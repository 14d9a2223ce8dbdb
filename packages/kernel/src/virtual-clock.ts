import type { Clock, Timer } from './clock.ts'
import { checkNumber } from './options.ts'

/** Where a {@link VirtualClock} starts. */
export interface VirtualClockOptions {
  /** What `now()` shows first, in ms. @default 0 */
  readonly now?: number
  /** What `wallNow()` shows first, in ms since 1970. @default 0 */
  readonly wallNow?: number
}

interface VirtualTimer {
  readonly dueAt: number
  readonly callback: () => void
}

/**
 * A clock that moves only when told, for tests and simulations.
 *
 * Timers run inside {@link VirtualClock.advance}, by time due and then by the order they were set.
 */
export class VirtualClock implements Clock {
  #now: number
  readonly #wallOffset: number
  /** The latest first, so that the next to run is the last; equal times stand in reverse order of setting. */
  readonly #timers: VirtualTimer[] = []

  constructor(options: VirtualClockOptions = {}) {
    this.#now = checkNumber('VirtualClock', 'now', options.now ?? 0)
    this.#wallOffset = checkNumber('VirtualClock', 'wallNow', options.wallNow ?? 0) - this.#now
  }

  /** Timers that are set and have not run. */
  get pending(): number {
    return this.#timers.length
  }

  now(): number {
    return this.#now
  }

  wallNow(): number {
    return this.#now + this.#wallOffset
  }

  after(ms: number, callback: () => void): Timer {
    const timer: VirtualTimer = { dueAt: this.#now + Math.max(0, ms || 0), callback }
    let low = 0
    let high = this.#timers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#timers[middle]!.dueAt > timer.dueAt) low = middle + 1
      else high = middle
    }
    this.#timers.splice(low, 0, timer)
    return { cancel: () => this.#cancel(timer) }
  }

  /**
   * Moves the clock `ms` on and runs every timer due by then, those set meanwhile included; each sees its own due time.
   *
   * An error thrown by a timer ends the call, the clock standing at that timer.
   * @throws {MillraceError} `OPTION_INVALID` when `ms` is negative or not finite.
   */
  advance(ms: number): void {
    const target = this.#now + checkNumber('VirtualClock', 'ms', ms, { min: 0 })
    for (let next = this.#timers.at(-1); next !== undefined && next.dueAt <= target; next = this.#timers.at(-1)) {
      this.#timers.pop()
      this.#moveTo(next.dueAt)
      next.callback()
    }
    this.#moveTo(target)
  }

  /** A callback may itself advance the clock: then the outer call has nothing left to move. */
  #moveTo(time: number): void {
    if (time > this.#now) this.#now = time
  }

  #cancel(timer: VirtualTimer): void {
    const index = this.#timers.indexOf(timer)
    if (index !== -1) this.#timers.splice(index, 1)
  }
}
