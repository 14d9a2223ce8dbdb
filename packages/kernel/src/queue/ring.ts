const SMALLEST_CAPACITY = 16

/**
 * A double-ended queue in one array that wraps around.
 *
 * Every operation is O(1), growth amortised; the array doubles when full and keeps its size until `clear()`, so the
 * steady state allocates nothing. An item that leaves is no longer referenced.
 */
export class Ring<T> {
  /**
   * The length is a power of two, so that a position wraps with `& mask`. One slot at least is empty: where the tail would meet
   * the head, the array grows.
   */
  #slots: (T | undefined)[] = emptySlots(SMALLEST_CAPACITY)
  #mask = SMALLEST_CAPACITY - 1
  #head = 0
  /** Where the next item at the back goes. */
  #tail = 0

  /** Items held. */
  get size(): number {
    return (this.#tail - this.#head) & this.#mask
  }

  /** Adds `item` at the back. */
  push(item: T): void {
    const tail = this.#tail
    this.#slots[tail] = item
    this.#tail = (tail + 1) & this.#mask
    if (this.#tail === this.#head) this.#grow()
  }

  /** Adds `item` at the front. */
  unshift(item: T): void {
    const head = (this.#head - 1) & this.#mask
    this.#slots[head] = item
    this.#head = head
    if (this.#tail === head) this.#grow()
  }

  /** Takes the item at the front, or returns undefined when empty. */
  shift(): T | undefined {
    const head = this.#head
    if (head === this.#tail) return undefined
    const item = this.#slots[head]
    this.#slots[head] = undefined
    this.#head = (head + 1) & this.#mask
    return item
  }

  /** Takes the item at the back, or returns undefined when empty. */
  pop(): T | undefined {
    if (this.#head === this.#tail) return undefined
    const tail = (this.#tail - 1) & this.#mask
    const item = this.#slots[tail]
    this.#slots[tail] = undefined
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
    return offset >= 0 && offset < size ? this.#slots[(this.#head + offset) & this.#mask] : undefined
  }

  /** Drops every item, and the memory of a past burst with them. */
  clear(): void {
    this.#slots = emptySlots(SMALLEST_CAPACITY)
    this.#mask = SMALLEST_CAPACITY - 1
    this.#head = 0
    this.#tail = 0
  }

  /** From front to back. What an iteration gives is undefined once the ring is changed. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    const size = this.size
    for (let offset = 0; offset < size; offset++) yield this.#slots[(this.#head + offset) & this.#mask] as T
  }

  /**
   * PERF: the array grows in its place, and only what had wrapped around moves, behind the old end;
   * bench/kernel/ring.bench.ts.
   */
  #grow(): void {
    const slots = this.#slots
    const length = slots.length
    slots.length = length * 2
    for (let index = 0; index < this.#head; index++) {
      slots[length + index] = slots[index]
      slots[index] = undefined
    }
    this.#tail = this.#head + length
    this.#mask = slots.length - 1
  }
}

function emptySlots<T>(length: number): (T | undefined)[] {
  return new Array<T | undefined>(length).fill(undefined)
}
