import { type Clock, systemClock } from '@millrace/kernel/clock'

/** When services last called us. What is known lives in memory: after a restart, silence counts from when a call was first awaited. */
export class Heartbeats {
  readonly #last = new Map<string, number>()
  /** Of those that have not called yet, since when they are awaited. */
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

  /** Since when a service that has not called is awaited: since this was asked first. */
  awaitedSince(name: string): number {
    const since = this.#awaited.get(name) ?? this.#clock.wallNow()
    this.#awaited.set(name, since)
    return since
  }

  forget(name: string): void {
    this.#last.delete(name)
    this.#awaited.delete(name)
  }

  now(): number {
    return this.#clock.wallNow()
  }
}
