const SMALLEST_CAPACITY = 16

/**
 * A double-ended queue in one array that wraps around.
 *
 * Every operation is O(1), growth amortised; the array doubles when full and keeps its size until `clear()`, so the
 * steady state allocates nothing. An item that leaves is no longer referenced.
 */
export class Ring<T> {
  /** As long as a power of two, so that a position wraps with `& (length - 1)`; never full, so that head ≠ tail. */
  #slots: (T | undefined)[] = emptySlots()
  #head = 0
  /** Where the next item at the back goes. */
  #tail = 0

  /** Items held. */
  get size(): number {
    return (this.#tail - this.#head) & (this.#slots.length - 1)
  }

  /** Adds `item` at the back. */
  push(item: T): void {
    const slots = this.#slots
    const tail = this.#tail
    slots[tail] = item
    this.#tail = (tail + 1) & (slots.length - 1)
    if (this.#tail === this.#head) this.#grow()
  }

  /** Adds `item` at the front. */
  unshift(item: T): void {
    const slots = this.#slots
    this.#head = (this.#head - 1) & (slots.length - 1)
    slots[this.#head] = item
    if (this.#tail === this.#head) this.#grow()
  }

  /** Takes the item at the front, or returns undefined when empty. */
  shift(): T | undefined {
    const slots = this.#slots
    const head = this.#head
    if (head === this.#tail) return undefined
    const item = slots[head]
    slots[head] = undefined
    this.#head = (head + 1) & (slots.length - 1)
    return item
  }

  /** Takes the item at the back, or returns undefined when empty. */
  pop(): T | undefined {
    const slots = this.#slots
    if (this.#head === this.#tail) return undefined
    const tail = (this.#tail - 1) & (slots.length - 1)
    const item = slots[tail]
    slots[tail] = undefined
    this.#tail = tail
    return item
  }

  /** The item at the front, left in its place. */
  peek(): T | undefined {
    return this.#slots[this.#head]
  }

  /** The item `index` places behind the front, or, when negative, from the back: `at(-1)` is the last. */
  at(index: number): T | undefined {
    const size = this.size
    const offset = index < 0 ? size + index : index
    return offset >= 0 && offset < size ? this.#at(offset) : undefined
  }

  /** Drops every item, and the memory of a past burst with them. */
  clear(): void {
    this.#slots = emptySlots()
    this.#head = 0
    this.#tail = 0
  }

  /** From front to back. What an iteration gives is undefined once the ring is changed. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    const size = this.size
    for (let offset = 0; offset < size; offset++) yield this.#at(offset) as T
  }

  #at(offset: number): T | undefined {
    return this.#slots[(this.#head + offset) & (this.#slots.length - 1)]
  }

  /** PERF: in place, moving only what had wrapped around to behind the old end; bench/kernel/ring.bench.ts. */
  #grow(): void {
    const slots = this.#slots
    const length = slots.length
    slots.length = length * 2
    for (let index = 0; index < this.#head; index++) {
      slots[length + index] = slots[index]
      slots[index] = undefined
    }
    this.#tail = this.#head + length
  }
}

function emptySlots<T>(): (T | undefined)[] {
  return new Array<T | undefined>(SMALLEST_CAPACITY).fill(undefined)
}
