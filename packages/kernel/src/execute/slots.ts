import { MillraceError } from '../errors.ts'
import { checkInteger } from '../options.ts'

/** How much may run at once. */
export interface SlotsOptions {
  /** Most tasks in flight, at least 1. */
  readonly max: number
}

/**
 * Counts tasks in flight against a limit that may change while they run.
 *
 * Never more than `max` are acquired; after a shrinking `resize` the surplus runs on, and leaves as it is released.
 */
export class Slots {
  #max: number
  #inFlight = 0

  constructor(options: SlotsOptions) {
    this.#max = checkInteger('Slots', 'max', options.max, { min: 1 })
  }

  /** Most tasks in flight. */
  get max(): number {
    return this.#max
  }

  /** Tasks in flight: above `max` for a while after a shrinking `resize`. */
  get inFlight(): number {
    return this.#inFlight
  }

  /** Tasks that could start now. */
  get free(): number {
    return Math.max(0, this.#max - this.#inFlight)
  }

  /** Takes a slot and returns true, or returns false when none is free. */
  tryAcquire(): boolean {
    if (this.#inFlight >= this.#max) return false
    this.#inFlight++
    return true
  }

  /**
   * Gives a slot back.
   * @throws {MillraceError} `SLOTS_NOT_HELD` when none is taken.
   */
  release(): void {
    if (this.#inFlight === 0) {
      throw new MillraceError(
        'SLOTS_NOT_HELD',
        'Slots: release() with nothing in flight; release once per tryAcquire()',
      )
    }
    this.#inFlight--
  }

  /**
   * Changes the limit, at once for the tasks to come.
   * @throws {MillraceError} `OPTION_INVALID` unless `max` is an integer of at least 1.
   */
  resize(max: number): void {
    this.#max = checkInteger('Slots', 'max', max, { min: 1 })
  }
}
