import type { Clock } from '@millrace/kernel/clock'

/**
 * Gives numbers to what is to have a name of its own for good: incidents, alerts, interventions. Each is larger than all before, whatever the wall clock does; while
 * that runs as it should, it is about the time in ms since 1970, so that whoever loses the last one goes on behind it all the same.
 */
export class Numbering {
  readonly #clock: Clock
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The last one that was given; 0 if none was. */
  get last(): number {
    return this.#last
  }

  next(): number {
    this.#last = Math.max(this.#last + 1, Math.floor(this.#clock.wallNow()))
    return this.#last
  }

  /** Goes on behind the last one of the process before. */
  goOnAfter(last: number): void {
    this.#last = Math.max(this.#last, last)
  }
}
