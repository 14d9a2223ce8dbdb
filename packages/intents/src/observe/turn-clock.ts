import type { Clock } from '@millrace/kernel/clock'

/**
 * A clock that is read once a turn: what is done in one go has one time.
 *
 * PERF: reading the host's clock costs a tenth of all that an intent costs; bench/intents/overhead.bench.ts.
 */
export class TurnClock {
  readonly #clock: Clock
  #now = Number.NaN
  readonly #forget = () => {
    this.#now = Number.NaN
  }

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** When this turn asked for the time first. */
  now(): number {
    if (Number.isNaN(this.#now)) {
      this.#now = this.#clock.now()
      queueMicrotask(this.#forget)
    }
    return this.#now
  }
}
