const SMALLEST_CAPACITY = 16

/**
 * A double-ended queue in one array that wraps around.
 *
 * Every operation is O(1), growth amortised; the array doubles when full and keeps its size until `clear()`, so the
 * steady state allocates nothing. An item that leaves is no longer referenced.
 */
export class Ring<T> {
  /** The length is a power of two, so that a position wraps with `& mask`. */
  #slots: (T | undefined)[] = emptySlots(SMALLEST_CAPACITY)
  #mask = SMALLEST_CAPACITY - 1
  #head = 0
  #size = 0

  /** Items held. */
  get size(): number {
    return this.#size
  }

  /** Adds `item` at the back. */
  push(item: T): void {
    if (this.#size > this.#mask) this.#grow()
    this.#slots[(this.#head + this.#size) & this.#mask] = item
    this.#size++
  }

  /** Adds `item` at the front. */
  unshift(item: T): void {
    if (this.#size > this.#mask) this.#grow()
    this.#head = (this.#head - 1) & this.#mask
    this.#slots[this.#head] = item
    this.#size++
  }

  /** Takes the item at the front, or returns undefined when empty. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined
    const head = this.#head
    const item = this.#slots[head]
    this.#slots[head] = undefined
    this.#head = (head + 1) & this.#mask
    this.#size--
    return item
  }

  /** Takes the item at the back, or returns undefined when empty. */
  pop(): T | undefined {
    if (this.#size === 0) return undefined
    this.#size--
    const tail = (this.#head + this.#size) & this.#mask
    const item = this.#slots[tail]
    this.#slots[tail] = undefined
    return item
  }

  /** The item at the front, left in its place. */
  peek(): T | undefined {
    return this.#slots[this.#head]
  }

  /** The item `index` places behind the front, or, when negative, from the back: `at(-1)` is the last. */
  at(index: number): T | undefined {
    const offset = index < 0 ? this.#size + index : index
    return offset >= 0 && offset < this.#size ? this.#slots[(this.#head + offset) & this.#mask] : undefined
  }

  /** Drops every item, and the memory of a past burst with them. */
  clear(): void {
    this.#slots = emptySlots(SMALLEST_CAPACITY)
    this.#mask = SMALLEST_CAPACITY - 1
    this.#head = 0
    this.#size = 0
  }

  /** From front to back. What an iteration gives is undefined once the ring is changed. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let offset = 0; offset < this.#size; offset++) yield this.#slots[(this.#head + offset) & this.#mask] as T
  }

  #grow(): void {
    const slots = emptySlots<T>(this.#slots.length * 2)
    for (let offset = 0; offset < this.#size; offset++) {
      slots[offset] = this.#slots[(this.#head + offset) & this.#mask]
    }
    this.#slots = slots
    this.#mask = slots.length - 1
    this.#head = 0
  }
}

function emptySlots<T>(length: number): (T | undefined)[] {
  return new Array<T | undefined>(length).fill(undefined)
}
