import type { Clock } from '@millrace/kernel/clock'
import { Ewma } from '@millrace/kernel/learn/ewma'

interface Tally {
  answered: number
  busyMs: number
  /** When results came last, or when it was given something after it had nothing. */
  since: number
}

/** What came back from the workers, by seat, and what it says of them. */
export class Tallies {
  readonly #clock: Clock
  readonly #tallies: readonly Tally[]
  readonly #taskMs = new Ewma()

  constructor(threads: number, clock: Clock) {
    this.#clock = clock
    this.#tallies = Array.from({ length: threads }, () => ({ answered: 0, busyMs: 0, since: 0 }))
  }

  /** What a task took lately, whichever it is, in ms; NaN while nothing is known. */
  get taskMs(): number {
    return this.#taskMs.value
  }

  /** A new worker sits in the seat. */
  rise(seat: number): void {
    const tally = this.#tallies[seat]!
    tally.busyMs = 0
    tally.since = this.#clock.now()
  }

  /** Tasks are given out, after there were none. */
  start(): void {
    const now = this.#clock.now()
    for (const tally of this.#tallies) tally.since = now
  }

  /** So many answers took the seat's worker so long. */
  count(seat: number, answers: number, ms: number): void {
    const tally = this.#tallies[seat]!
    tally.busyMs += ms
    tally.answered += answers
    if (answers > 0) this.#taskMs.observe(ms / answers)
  }

  /** The time since the seat's last answers: what those took that do not say it, as long as there were some to give. */
  since(seat: number): number {
    const tally = this.#tallies[seat]!
    const now = this.#clock.now()
    const ms = Math.max(0, now - tally.since)
    tally.since = now
    return ms
  }

  /** Of a seat whose worker has served for so long. */
  of(seat: number, servedMs: number): { readonly answered: number; readonly utilisation: number } {
    const { answered, busyMs } = this.#tallies[seat]!
    return { answered, utilisation: servedMs > 0 ? Math.min(1, busyMs / servedMs) : 0 }
  }
}
