import { type Clock, systemClock } from '@millrace/kernel/clock'

/** When services last called us. What is known lives in memory: after a restart, silence counts from when a call was first awaited. */
export class Heartbeats {
  readonly #last = new Map<string, number>()
  /** Since when those are awaited that have not called since. */
  readonly #awaited = new Map<string, number>()
  readonly #clock: Clock

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  /** A service called. One that comes late does not undo a later one, and one from the future counts as from now. O(1). */
  beat(name: string, at: number = this.#clock.wallNow()): void {
    const known = this.#last.get(name) ?? Number.NEGATIVE_INFINITY
    const heardAt = Math.min(at, this.#clock.wallNow())
    if (heardAt > known) this.#last.set(name, heardAt)
    this.#awaited.delete(name)
  }

  /** In ms since 1970; undefined if there was none. */
  lastOf(name: string): number | undefined {
    return this.#last.get(name)
  }

  /** From now on it is awaited, whenever it called before. */
  expect(name: string): void {
    this.#awaited.set(name, this.#clock.wallNow())
  }

  /** Since when a service is awaited that has not called since then; undefined if it has. */
  awaitedSince(name: string): number | undefined {
    return this.#awaited.get(name)
  }

  forget(name: string): void {
    this.#last.delete(name)
    this.#awaited.delete(name)
  }

  now(): number {
    return this.#clock.wallNow()
  }
}
