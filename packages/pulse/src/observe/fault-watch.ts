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
  /** Monitors whose last check could not be made, of those of which that is known. */
  monitors: number
}

/** What is our own fault: checks that could not be made, and so say nothing of what they are to check. Somebody hears of it all the same. */
export class FaultWatch {
  readonly #clock: Clock
  readonly #logger: Logger | undefined
  readonly #kinds = new Map<string, KindFaults>()
  readonly #reasons = new Map<number, { readonly kind: KindFaults; reason: string }>()

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
    return this.#reasons.get(monitor)?.reason
  }

  fault(monitor: number, name: string, type: string, reason: string): void {
    const now = this.#clock.now()
    let kind = this.#kinds.get(type)
    if (kind === undefined) {
      kind = { streak: 0, since: now, told: Number.NEGATIVE_INFINITY, reason, monitors: 0 }
      this.#kinds.set(type, kind)
    }
    if (kind.streak++ === 0) kind.since = now
    kind.reason = reason
    this.#keep(monitor, kind, reason)
    if (now - kind.told < TELL_MS) return
    kind.told = now
    this.#logger?.warn({ monitor: name, type, reason, streak: kind.streak }, 'a check could not be made')
  }

  /** A check could be made. */
  made(monitor: number, type: string): void {
    if (this.#kinds.size === 0) return
    const kind = this.#kinds.get(type)
    if (kind !== undefined) kind.streak = 0
    this.left(monitor)
  }

  /** A monitor is not checked any more. Where none is left whose check could not be made, all is well. */
  left(monitor: number): void {
    const known = this.#reasons.get(monitor)
    if (known === undefined) return
    this.#reasons.delete(monitor)
    if (--known.kind.monitors === 0) known.kind.streak = 0
  }

  #keep(monitor: number, kind: KindFaults, reason: string): void {
    const known = this.#reasons.get(monitor)
    if (known !== undefined) known.reason = reason
    else if (this.#reasons.size < MOST_REASONS) {
      this.#reasons.set(monitor, { kind, reason })
      kind.monitors++
    }
  }
}
