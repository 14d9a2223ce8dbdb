import type { Clock } from '@millrace/kernel/clock'
import type { Logger } from '../pulse.ts'

/** A kind is told of once in so long. */
const TELL_MS = 60_000
/** So many checks of a kind that could not be made, one after the other, are no accident. */
const STREAK = 10
/** Of so many monitors it is known why their last check could not be made. */
const MOST_REASONS = 10_000

interface KindFaults {
  /** Since the last check that could be made. */
  streak: number
  since: number
  told: number
  reason: string
}

/** What is our own fault: checks that could not be made, and so say nothing of what they are to check. Somebody hears of it all the same. */
export class FaultWatch {
  readonly #clock: Clock
  readonly #logger: Logger | undefined
  readonly #kinds = new Map<string, KindFaults>()
  readonly #reasons = new Map<number, string>()

  constructor(clock: Clock, logger: Logger | undefined) {
    this.#clock = clock
    this.#logger = logger
  }

  /** Why nothing can be said of the kinds of which no check can be made: ten, or for a minute. */
  get reasons(): readonly string[] {
    const now = this.#clock.now()
    return Array.from(this.#kinds)
      .filter(([, { streak, since }]) => streak >= STREAK || (streak > 0 && now - since >= TELL_MS))
      .map(([type, { reason }]) => `no check of the kind ${type} can be made: ${reason}`)
  }

  /** Why the last check of a monitor could not be made; undefined if it could, or nobody remembers. */
  reasonOf(monitor: number): string | undefined {
    return this.#reasons.get(monitor)
  }

  fault(monitor: number, name: string, type: string, reason: string): void {
    const now = this.#clock.now()
    const faults = this.#kinds.get(type) ?? { streak: 0, since: now, told: Number.NEGATIVE_INFINITY, reason }
    this.#kinds.set(type, faults)
    if (faults.streak++ === 0) faults.since = now
    faults.reason = reason
    if (this.#reasons.size < MOST_REASONS || this.#reasons.has(monitor)) this.#reasons.set(monitor, reason)
    if (now - faults.told < TELL_MS) return
    faults.told = now
    this.#logger?.warn({ monitor: name, type, reason, streak: faults.streak }, 'a check could not be made')
  }

  /** A check could be made. */
  made(monitor: number, type: string): void {
    if (this.#kinds.size === 0) return
    const faults = this.#kinds.get(type)
    if (faults !== undefined) faults.streak = 0
    this.#reasons.delete(monitor)
  }

  left(monitor: number): void {
    this.#reasons.delete(monitor)
  }
}
