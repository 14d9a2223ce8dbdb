/** Numbered things by the time at which they are next; the earliest comes first. O(log n), allocates once. */
export class EventHeap {
  readonly #times: Float64Array
  readonly #items: Int32Array
  #size = 0

  /** @param capacity Most that are in it at once, at least 1. */
  constructor(capacity: number) {
    this.#times = new Float64Array(capacity)
    this.#items = new Int32Array(capacity)
  }

  get size(): number {
    return this.#size
  }

  push(time: number, item: number): void {
    let at = this.#size++
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#times[parent]! <= time) break
      this.#move(parent, at)
      at = parent
    }
    this.#set(at, time, item)
  }

  /** Takes the earliest out; there must be one. */
  pop(): { readonly time: number; readonly item: number } {
    const first = { time: this.#times[0]!, item: this.#items[0]! }
    const size = --this.#size
    const [time, item] = [this.#times[size]!, this.#items[size]!]
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && this.#times[child + 1]! < this.#times[child]!) child++
      if (this.#times[child]! >= time) break
      this.#move(child, at)
      at = child
    }
    this.#set(at, time, item)
    return first
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from]!
    this.#items[to] = this.#items[from]!
  }

  #set(at: number, time: number, item: number): void {
    this.#times[at] = time
    this.#items[at] = item
  }
}
