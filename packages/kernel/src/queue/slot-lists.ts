import { checkInteger } from '../options.ts'

/** How many lists there are, and who is told when their slots move. */
export interface SlotListsOptions {
  /** Number of lists, 1 to 255. */
  readonly lists: number
  /**
   * Called once the slots have grown to `capacity`, so that their owner moves its own columns too: what now belongs in
   * slot `to` was in slot `movedFrom[to]`, or nowhere when that is {@link NONE}.
   */
  readonly onGrow?: (capacity: number, movedFrom: Int32Array) => void
}

/**
 * Names what is in a slot for as long as it is there, wherever the slot moves. No two of one `SlotLists` are ever the
 * same. It counts up, and is a small integer, which engines pass around without allocating, for 250 million pushes at
 * least.
 */
export type SlotHandle = number

/**
 * A slot that is none: the one behind the last of a list, before the first, or of a handle that has left. Every other is
 * at least 0.
 */
export const NONE = -1
/** PERF: V8 loads and checks an exported constant at each use, and folds one that is not. */
const END = NONE

const FREE = 255
const SMALLEST_CAPACITY = 16
/** The share of slots that may be taken: a push passes over taken ones, on average at most three. */
const MAX_LOAD = 3 / 4

/**
 * Doubly linked lists over one set of slots. It holds no items: their owner keeps them in columns of its own, arrays of
 * `capacity` that it reads and writes by slot.
 *
 * Every method is O(1), `push` and `unshift` amortised, and allocates nothing but when the slots grow. They double at
 * three quarters of `capacity`, before a new slot is given out; only then do slots move, and handles stay.
 *
 * It is made for other parts, so slots and lists are not checked: one that is free or does not exist puts the lists out
 * of order, though it reaches no memory but theirs. A handle may be anything.
 */
export class SlotLists {
  readonly #onGrow: ((capacity: number, movedFrom: Int32Array) => void) | undefined
  #size = 0
  /** The handle to try next. */
  #nextHandle = 0

  readonly #firsts: Int32Array
  readonly #lasts: Int32Array
  readonly #sizes: Int32Array

  /**
   * The slots, as many as a power of two. A handle says by its remainder which slot is its own: one whose slot is taken
   * is passed over, so that none needs a table to be found by, and none is given out twice.
   * PERF: columns of numbers, not node objects, so that a push allocates nothing; bench/frame.
   */
  #next = new Int32Array(SMALLEST_CAPACITY)
  #previous = new Int32Array(SMALLEST_CAPACITY)
  #list = new Uint8Array(SMALLEST_CAPACITY).fill(FREE)
  #handle = new Float64Array(SMALLEST_CAPACITY)

  constructor(options: SlotListsOptions) {
    const lists = checkInteger('SlotLists', 'lists', options.lists, { min: 1, max: 255 })
    this.#onGrow = options.onGrow
    this.#firsts = new Int32Array(lists).fill(END)
    this.#lasts = new Int32Array(lists).fill(END)
    this.#sizes = new Int32Array(lists)
  }

  /** Number of slots, free ones included: 16 at first. */
  get capacity(): number {
    return this.#list.length
  }

  /** Slots taken, in all lists. */
  get size(): number {
    return this.#size
  }

  /** Slots taken in `list`. */
  sizeOf(list: number): number {
    return this.#sizes[list]!
  }

  /** Takes a slot at the back of `list`. The slots may grow first. */
  push(list: number): number {
    const slot = this.#take()
    this.#link(slot, list, this.#lasts[list]!, END)
    return slot
  }

  /** Takes a slot at the front of `list`. The slots may grow first. */
  unshift(list: number): number {
    const slot = this.#take()
    this.#link(slot, list, END, this.#firsts[list]!)
    return slot
  }

  /** Frees a slot: its handle finds nothing from now on. */
  remove(slot: number): void {
    this.#unlink(slot)
    this.#list[slot] = FREE
    this.#size--
  }

  /** Moves a taken slot to the front of `list`, be it its own or another. */
  moveToFront(slot: number, list: number): void {
    this.#unlink(slot)
    this.#link(slot, list, END, this.#firsts[list]!)
  }

  /** Moves a taken slot to the back of `list`, be it its own or another. */
  moveToBack(slot: number, list: number): void {
    this.#unlink(slot)
    this.#link(slot, list, this.#lasts[list]!, END)
  }

  /** The slot at the front of `list`, or {@link NONE}. */
  first(list: number): number {
    return this.#firsts[list]!
  }

  /** The slot at the back of `list`, or {@link NONE}. */
  last(list: number): number {
    return this.#lasts[list]!
  }

  /** The slot behind a taken one in its list, or {@link NONE}. */
  next(slot: number): number {
    return this.#next[slot]!
  }

  /** The slot in front of a taken one in its list, or {@link NONE}. */
  previous(slot: number): number {
    return this.#previous[slot]!
  }

  /** The list that a taken slot is in. */
  listOf(slot: number): number {
    return this.#list[slot]!
  }

  /** The handle of a taken slot. */
  handleOf(slot: number): SlotHandle {
    return this.#handle[slot]!
  }

  /** Where what `handle` names is, or {@link NONE} when it has left or never was. */
  find(handle: SlotHandle): number {
    const slot = handle & (this.#list.length - 1)
    return this.#list[slot] !== FREE && this.#handle[slot] === handle ? slot : END
  }

  #take(): number {
    if (this.#size >= this.#list.length * MAX_LOAD) this.#grow()
    const list = this.#list
    const mask = list.length - 1
    let handle = this.#nextHandle
    while (list[handle & mask] !== FREE) handle++
    const slot = handle & mask
    this.#handle[slot] = handle
    this.#nextHandle = handle + 1
    this.#size++
    return slot
  }

  #link(slot: number, list: number, previous: number, next: number): void {
    this.#list[slot] = list
    this.#previous[slot] = previous
    this.#next[slot] = next
    if (previous === END) this.#firsts[list] = slot
    else this.#next[previous] = slot
    if (next === END) this.#lasts[list] = slot
    else this.#previous[next] = slot
    this.#sizes[list]!++
  }

  #unlink(slot: number): void {
    const list = this.#list[slot]!
    const previous = this.#previous[slot]!
    const next = this.#next[slot]!
    if (previous === END) this.#firsts[list] = next
    else this.#next[previous] = next
    if (next === END) this.#lasts[list] = previous
    else this.#previous[next] = previous
    this.#sizes[list]!--
  }

  /** Doubles the slots. All move to where their handles now say; none meet, for none met in half as many. */
  #grow(): void {
    const [next, previous, list, handle] = [this.#next, this.#previous, this.#list, this.#handle]
    const capacity = list.length * 2
    const movedFrom = new Int32Array(capacity).fill(END)
    this.#next = new Int32Array(capacity)
    this.#previous = new Int32Array(capacity)
    this.#list = new Uint8Array(capacity).fill(FREE)
    this.#handle = new Float64Array(capacity)
    const moved = (slot: number) => (slot === END ? END : handle[slot]! & (capacity - 1))
    for (let slot = 0; slot < list.length; slot++) {
      if (list[slot] === FREE) continue
      const to = moved(slot)
      movedFrom[to] = slot
      this.#next[to] = moved(next[slot]!)
      this.#previous[to] = moved(previous[slot]!)
      this.#list[to] = list[slot]!
      this.#handle[to] = handle[slot]!
    }
    for (let each = 0; each < this.#firsts.length; each++) {
      this.#firsts[each] = moved(this.#firsts[each]!)
      this.#lasts[each] = moved(this.#lasts[each]!)
    }
    this.#onGrow?.(capacity, movedFrom)
  }
}
