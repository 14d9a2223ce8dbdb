import { MillraceError } from './errors.ts'

/** A listener's place in a {@link Signal}; disposing of it unsubscribes. */
export interface Subscription extends Disposable {
  /** Ends the calls to the listener, from this moment on. Idempotent. */
  unsubscribe(): void
}

interface Entry<T> {
  listener: ((value: T) => void) | undefined
}

/**
 * Tells its subscribers of events, synchronously and in order of subscription. The only event type of Millrace.
 *
 * During an `emit`, a listener that is added does not hear that event; one that is removed before its turn does not
 * either.
 */
export class Signal<T> {
  #entries: Entry<T>[] = []
  #depth = 0
  #removed = 0

  /** Listeners subscribed now. Emitters look here before they build a costly event. */
  get size(): number {
    return this.#entries.length - this.#removed
  }

  /** Calls `listener` at every later `emit`. A function subscribed twice is called twice. */
  subscribe(listener: (value: T) => void): Subscription {
    const entry: Entry<T> = { listener }
    this.#entries.push(entry)
    const unsubscribe = () => this.#remove(entry)
    return { unsubscribe, [Symbol.dispose]: unsubscribe }
  }

  /**
   * Calls every listener with `value`, all of them even when some throw. Allocates nothing unless one does.
   * @throws {MillraceError} `LISTENER_FAILED` after the last call; its cause is the error, or an `AggregateError` of
   * several.
   */
  emit(value: T): void {
    const entries = this.#entries
    const end = entries.length
    let failures: unknown[] | undefined
    this.#depth++
    for (let index = 0; index < end; index++) {
      const { listener } = entries[index]!
      if (listener === undefined) continue
      try {
        listener(value)
      } catch (error) {
        failures ??= []
        failures.push(error)
      }
    }
    this.#depth--
    if (this.#depth === 0 && this.#removed > 0) this.#compact()
    if (failures !== undefined) fail(failures, end)
  }

  #remove(entry: Entry<T>): void {
    if (entry.listener === undefined) return
    entry.listener = undefined
    this.#removed++
    if (this.#depth === 0) this.#compact()
  }

  #compact(): void {
    this.#entries = this.#entries.filter((entry) => entry.listener !== undefined)
    this.#removed = 0
  }
}

function fail(failures: readonly unknown[], listeners: number): never {
  const cause = failures.length === 1 ? failures[0] : new AggregateError(failures)
  throw new MillraceError(
    'LISTENER_FAILED',
    `${failures.length} of ${listeners} listeners of a signal threw; the others were called`,
    { detail: { failures: failures.length }, cause },
  )
}
