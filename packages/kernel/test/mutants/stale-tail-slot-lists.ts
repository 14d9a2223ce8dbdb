import { NONE, type SlotHandle, type SlotListsOptions } from '../../src/queue/slot-lists.ts'

/** Forgets to mend the tail when the last of a list leaves it: what is pushed next hangs on what has gone. */
export class StaleTailSlotLists {
  readonly #firsts: number[]
  readonly #lasts: number[]
  readonly #sizes: number[]
  /** A slot for each handle, and never another: `list` is NONE once it is free. */
  readonly #slots: { list: number; next: number; previous: number }[] = []

  constructor({ lists }: SlotListsOptions) {
    this.#firsts = new Array(lists).fill(NONE)
    this.#lasts = new Array(lists).fill(NONE)
    this.#sizes = new Array(lists).fill(0)
  }

  get capacity(): number {
    return 2 ** 16
  }

  get size(): number {
    return this.#sizes.reduce((sum, size) => sum + size, 0)
  }

  sizeOf(list: number): number {
    return this.#sizes[list]!
  }

  push(list: number): number {
    return this.#link(this.#slots.push({ list, next: NONE, previous: NONE }) - 1, list, this.#lasts[list]!, NONE)
  }

  unshift(list: number): number {
    return this.#link(this.#slots.push({ list, next: NONE, previous: NONE }) - 1, list, NONE, this.#firsts[list]!)
  }

  remove(slot: number): void {
    this.#unlink(slot)
    this.#slots[slot]!.list = NONE
  }

  moveToFront(slot: number, list: number): void {
    this.#unlink(slot)
    this.#link(slot, list, NONE, this.#firsts[list]!)
  }

  moveToBack(slot: number, list: number): void {
    this.#unlink(slot)
    this.#link(slot, list, this.#lasts[list]!, NONE)
  }

  append(list: number, from: number): void {
    if (list === from) return
    for (let slot = this.#firsts[from]!; slot !== NONE; slot = this.#firsts[from]!) this.moveToBack(slot, list)
  }

  first(list: number): number {
    return this.#firsts[list]!
  }

  last(list: number): number {
    return this.#lasts[list]!
  }

  next(slot: number): number {
    return this.#slots[slot]!.next
  }

  previous(slot: number): number {
    return this.#slots[slot]!.previous
  }

  listOf(slot: number): number {
    return this.#slots[slot]!.list
  }

  handleOf(slot: number): SlotHandle {
    return slot
  }

  find(handle: SlotHandle): number {
    return (this.#slots[handle]?.list ?? NONE) === NONE ? NONE : handle
  }

  #link(slot: number, list: number, previous: number, next: number): number {
    Object.assign(this.#slots[slot]!, { list, next, previous })
    if (previous === NONE) this.#firsts[list] = slot
    else this.#slots[previous]!.next = slot
    if (next === NONE) this.#lasts[list] = slot
    else this.#slots[next]!.previous = slot
    this.#sizes[list]!++
    return slot
  }

  #unlink(slot: number): void {
    const { list, next, previous } = this.#slots[slot]!
    if (previous === NONE) this.#firsts[list] = next
    else this.#slots[previous]!.next = next
    if (next !== NONE) this.#slots[next]!.previous = previous
    this.#sizes[list]!--
  }
}
