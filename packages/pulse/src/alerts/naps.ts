import type { Clock, Timer } from '@millrace/kernel/clock'

/** Sleepers wake in steps of so many ms, so that 100,000 of them need no timer each. */
const STEP_MS = 100

/** Sleepers that wake at the same time. */
interface Nap<Sleeper> {
  readonly timer: Timer
  readonly sleepers: Sleeper[]
}

/** Wakes each sleeper once, never before its time and at most a step after it. O(1); a timer for each step in which somebody wakes. */
export class Naps<Sleeper> {
  readonly #clock: Clock
  readonly #wake: (sleeper: Sleeper) => void
  /** By the time they end. */
  readonly #naps = new Map<number, Nap<Sleeper>>()

  constructor(clock: Clock, wake: (sleeper: Sleeper) => void) {
    this.#clock = clock
    this.#wake = wake
  }

  sleep(sleeper: Sleeper, ms: number): void {
    const now = this.#clock.now()
    const wakeAt = Math.ceil((now + ms) / STEP_MS) * STEP_MS
    let nap = this.#naps.get(wakeAt)
    if (nap === undefined) {
      nap = { timer: this.#clock.after(wakeAt - now, () => this.#end(wakeAt)), sleepers: [] }
      this.#naps.set(wakeAt, nap)
    }
    nap.sleepers.push(sleeper)
  }

  /** Wakes nobody of those who sleep. */
  clear(): void {
    for (const { timer } of this.#naps.values()) timer.cancel()
    this.#naps.clear()
  }

  #end(wakeAt: number): void {
    const { sleepers } = this.#naps.get(wakeAt)!
    this.#naps.delete(wakeAt)
    for (const sleeper of sleepers) this.#wake(sleeper)
  }
}
