import type { Subscription } from '../../src/signal.ts'

/** Emits over the live list: whoever is added hears the event at hand, and a removal makes the next one miss it. */
export class LiveSignal<T> {
  readonly #listeners: ((value: T) => void)[] = []

  get size(): number {
    return this.#listeners.length
  }

  subscribe(listener: (value: T) => void): Subscription {
    this.#listeners.push(listener)
    const unsubscribe = () => {
      const index = this.#listeners.indexOf(listener)
      if (index !== -1) this.#listeners.splice(index, 1)
    }
    return { unsubscribe, [Symbol.dispose]: unsubscribe }
  }

  emit(value: T): void {
    for (const listener of this.#listeners) listener(value)
  }
}
