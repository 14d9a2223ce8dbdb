/** Grows by copying its array as it lies, forgetting that it wraps around. */
export class StraightRing<T> {
  #slots: (T | undefined)[] = new Array(16).fill(undefined)
  #head = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  push(item: T): void {
    this.#growWhenFull()
    this.#slots[(this.#head + this.#size++) % this.#slots.length] = item
  }

  unshift(item: T): void {
    this.#growWhenFull()
    this.#head = (this.#head - 1 + this.#slots.length) % this.#slots.length
    this.#slots[this.#head] = item
    this.#size++
  }

  shift(): T | undefined {
    const item = this.at(0)
    if (this.#size === 0) return undefined
    this.#head = (this.#head + 1) % this.#slots.length
    this.#size--
    return item
  }

  pop(): T | undefined {
    const item = this.at(-1)
    if (this.#size > 0) this.#size--
    return item
  }

  peek(): T | undefined {
    return this.at(0)
  }

  at(index: number): T | undefined {
    const offset = index < 0 ? this.#size + index : index
    return offset >= 0 && offset < this.#size ? this.#slots[(this.#head + offset) % this.#slots.length] : undefined
  }

  clear(): void {
    this.#size = 0
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (let offset = 0; offset < this.#size; offset++) yield this.at(offset) as T
  }

  #growWhenFull(): void {
    if (this.#size === this.#slots.length) this.#slots = [...this.#slots, ...new Array(this.#size).fill(undefined)]
  }
}
