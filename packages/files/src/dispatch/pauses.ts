import type { Clock, Timer } from '@millrace/kernel/clock'
import type { EngineEvent, PauseCause } from '../engine/events.ts'

/** What may hold the work: the two causes of a pause as told from outside, the ledger's breaker and the workers'. */
export type PauseSource = PauseCause | 'ledger' | 'workers'

export interface PausesOptions {
  readonly clock: Clock
  /** The longest that a resource is waited for, milliseconds. */
  readonly maxPauseMs: () => number
  readonly emit: (event: EngineEvent) => void
  /** A resource was waited for that long: here is why it was needed. */
  readonly onGiveUp: (error: unknown) => void
}

interface Hold {
  readonly reason: string
  readonly patience: Timer | undefined
}

/**
 * Why nothing is started. Each source holds and releases for itself, and work goes on when none holds.
 *
 * Told once for each cause: `paused` when the first source of it holds, `continued` when the last one has let go.
 */
export class Pauses {
  readonly #options: PausesOptions
  readonly #holds = new Map<PauseSource, Hold>()
  readonly #since = new Map<PauseCause, number>()

  constructor(options: PausesOptions) {
    this.#options = options
  }

  /** Why nothing is started, or null where there is no reason. */
  get reason(): string | null {
    for (const { reason } of this.#holds.values()) return reason
    return null
  }

  has(source: PauseSource): boolean {
    return this.#holds.has(source)
  }

  /** Whether any source but this one holds. */
  heldBeside(source: PauseSource): boolean {
    return this.#holds.size > (this.#holds.has(source) ? 1 : 0)
  }

  /** Holds the work; does nothing where this source holds it already. With an error, no longer than `maxPauseMs`. */
  hold(source: PauseSource, reason: string, error?: unknown): void {
    if (this.#holds.has(source)) return
    const { clock, maxPauseMs, emit, onGiveUp } = this.#options
    const patience = error === undefined ? undefined : clock.after(maxPauseMs(), () => onGiveUp(error))
    this.#holds.set(source, { reason, patience })
    const by = causeOf(source)
    if (this.#since.has(by)) return
    this.#since.set(by, clock.now())
    emit({ type: 'paused', by, reason })
  }

  /** Lets go; does nothing where this source does not hold. */
  release(source: PauseSource): void {
    const hold = this.#holds.get(source)
    if (hold === undefined) return
    hold.patience?.cancel()
    this.#holds.delete(source)
    const by = causeOf(source)
    for (const other of this.#holds.keys()) if (causeOf(other) === by) return
    const { clock, emit } = this.#options
    const pausedMs = clock.now() - this.#since.get(by)!
    this.#since.delete(by)
    emit({ type: 'continued', by, pausedMs })
  }

  /** Loses patience with nothing any more: the work is over. */
  dispose(): void {
    for (const { patience } of this.#holds.values()) patience?.cancel()
  }
}

function causeOf(source: PauseSource): PauseCause {
  return source === 'user' ? 'user' : 'resource'
}
