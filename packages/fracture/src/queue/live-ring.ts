import { Ring } from '@millrace/kernel/queue/ring'

/** Fewer are not looked through for those that are of no use any more. */
const FEW = 64

/**
 * First in, first out, of items that may die where they stand, and once dead stay so: those are passed over.
 *
 * Of `n` items alive no more than `2 n + 64` are kept, wherever the dead ones stand. Every operation is O(1), amortised.
 */
export class LiveRing<T> {
  readonly #isAlive: (item: T) => boolean
  readonly #items = new Ring<T>()
  #sweepAt = FEW

  constructor(isAlive: (item: T) => boolean) {
    this.#isAlive = isAlive
  }

  /** Items kept, the dead included. */
  get size(): number {
    return this.#items.size
  }

  push(item: T): void {
    this.peek()
    this.#items.push(item)
    if (this.#items.size >= this.#sweepAt) this.#sweep()
  }

  /** The first that is alive, left in its place. */
  peek(): T | undefined {
    const items = this.#items
    for (let item = items.peek(); item !== undefined; item = items.peek()) {
      if (this.#isAlive(item)) return item
      items.shift()
    }
    return undefined
  }

  /** Takes the first that is alive. */
  shift(): T | undefined {
    this.peek()
    return this.#items.shift()
  }

  /** The next time after as many have come as are left now. */
  #sweep(): void {
    for (let left = this.#items.size; left > 0; left--) {
      const item = this.#items.shift()!
      if (this.#isAlive(item)) this.#items.push(item)
    }
    this.#sweepAt = Math.max(FEW, 2 * this.#items.size)
  }
}
