import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import type {
  AlertKey,
  DeadLetter,
  PulseStore,
  StoreChanges,
  StoredAlert,
  StoredMonitor,
  StoredState,
} from './pulse-store.ts'

/** So many dead letters are kept. */
const MAX_DEAD_LETTERS = 10_000

/** A store that ends with the process: for tests and simulations. One that was closed can be opened again, and has all it had. */
export function createMemoryStore({ clock = systemClock }: { readonly clock?: Clock } = {}): PulseStore {
  return new MemoryStore(clock)
}

class MemoryStore implements PulseStore {
  readonly #clock: Clock
  readonly #monitors = new Map<string, StoredMonitor>()
  readonly #alerts = new Map<string, StoredAlert>()
  /** The newest last. */
  #dead: DeadLetter[] = []
  #lastLetter = 0
  readonly #beats = new Map<string, number>()
  #heardUntil = 0
  #lastNumber = 0
  #isOpen = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async open(): Promise<StoredState> {
    if (this.#isOpen) throw new MillraceError('STORE_BUSY', 'The store in memory is in use. Make another.')
    this.#isOpen = true
    return {
      monitors: [...this.#monitors.values()],
      alerts: [...this.#alerts.values()],
      beats: Array.from(this.#beats, ([name, at]) => ({ name, at })),
      heardUntil: this.#heardUntil,
      lastNumber: this.#lastNumber,
    }
  }

  async commit(changes: StoreChanges): Promise<void> {
    const { monitors, forgotten, alerts, delivered, dead, redriven, beats, heardUntil, lastNumber } = changes
    this.#checkOpen()
    for (const name of forgotten) this.#monitors.delete(name)
    for (const monitor of monitors) this.#monitors.set(monitor.name, monitor)
    for (const key of delivered) this.#alerts.delete(keyOf(key))
    for (const { alert, error } of dead) {
      if (this.#has(alert)) this.#alerts.delete(keyOf(alert))
      this.#dead.push({ id: ++this.#lastLetter, alert, error, at: this.#clock.wallNow() })
    }
    if (this.#dead.length > 2 * MAX_DEAD_LETTERS) this.#dead.splice(0, this.#dead.length - MAX_DEAD_LETTERS)
    for (const alert of alerts) this.#keep(alert)
    if (redriven.length > 0) {
      const ids = new Set(redriven.map(({ id }) => id))
      this.#dead = this.#dead.filter(({ id }) => !ids.has(id))
      for (const { alert } of redriven) this.#keep(alert)
    }
    for (const { name, at } of beats) {
      if (at === 0) this.#beats.delete(name)
      else this.#beats.set(name, at)
    }
    this.#heardUntil = heardUntil ?? this.#heardUntil
    this.#lastNumber = Math.max(this.#lastNumber, lastNumber)
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    this.#checkOpen()
    return this.#dead.slice(-MAX_DEAD_LETTERS).reverse().slice(0, limit)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOpen = false
  }

  #keep(alert: StoredAlert): void {
    const key = keyOf(alert)
    const isThere = this.#has(alert)
    if (alert.attempts > 0) {
      if (isThere) this.#alerts.set(key, { ...this.#alerts.get(key)!, attempts: alert.attempts })
      return
    }
    if (isThere) return
    // It is the last of all, whatever place the one before had.
    this.#alerts.delete(key)
    this.#alerts.set(key, alert)
  }

  /** Whether that alert is there, and not another in its place. */
  #has(alert: StoredAlert): boolean {
    const there = this.#alerts.get(keyOf(alert))
    return there?.number === alert.number
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new MillraceError('STORE_CLOSED', 'The store in memory is not open. Open it first.')
  }
}

function keyOf({ monitor, code, route, incident }: AlertKey): string {
  return `${code} ${route} ${incident} ${monitor}`
}
