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
  readonly #dead: DeadLetter[] = []
  #isOpen = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async open(): Promise<StoredState> {
    if (this.#isOpen) throw new MillraceError('STORE_BUSY', 'The store in memory is in use. Make another.')
    this.#isOpen = true
    return { monitors: [...this.#monitors.values()], alerts: [...this.#alerts.values()] }
  }

  async commit({ monitors, forgotten, alerts, delivered, dead }: StoreChanges): Promise<void> {
    this.#checkOpen()
    for (const name of forgotten) this.#monitors.delete(name)
    for (const monitor of monitors) this.#monitors.set(monitor.name, monitor)
    for (const key of delivered) this.#alerts.delete(keyOf(key))
    for (const { alert, error } of dead) {
      if (this.#has(alert)) this.#alerts.delete(keyOf(alert))
      this.#dead.push({ alert, error, at: this.#clock.wallNow() })
    }
    if (this.#dead.length > 2 * MAX_DEAD_LETTERS) this.#dead.splice(0, this.#dead.length - MAX_DEAD_LETTERS)
    for (const alert of alerts) this.#keep(alert)
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
    return there !== undefined && there.incident === alert.incident && there.at === alert.at
  }

  #checkOpen(): void {
    if (!this.#isOpen) throw new MillraceError('STORE_CLOSED', 'The store in memory is not open. Open it first.')
  }
}

function keyOf({ monitor, code, route }: AlertKey): string {
  return `${code} ${route} ${monitor}`
}
