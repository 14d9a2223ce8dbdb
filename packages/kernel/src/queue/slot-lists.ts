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
/** What belongs together begins at every fourth place: a slot's next, previous and list; a list's first, last and size. */
const STRIDE_BITS = 2
const PREVIOUS = 1
const LAST = 1
const LIST = 2
const SIZE = 2
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

  /** Of each list: the first slot, the last one, and how many there are. */
  readonly #heads: Int32Array

  /**
   * Of each slot: the next in its list, the one before, and the list. There are as many as a power of two. A handle says by its
   * remainder which slot is its own: one whose slot is taken is passed over, so that none needs a table to be found by, and none
   * is given out twice.
   * PERF: columns of numbers, not node objects, so that a push allocates nothing; and what is read together lies together;
   * bench/kernel/lanes.bench.ts.
   */
  #links = freeLinks(SMALLEST_CAPACITY)
  #handle = new Float64Array(SMALLEST_CAPACITY)

  constructor(options: SlotListsOptions) {
    const lists = checkInteger('SlotLists', 'lists', options.lists, { min: 1, max: 255 })
    this.#onGrow = options.onGrow
    this.#heads = new Int32Array(lists << STRIDE_BITS)
    for (let list = 0; list < lists; list++) this.#heads.fill(END, list << STRIDE_BITS, (list << STRIDE_BITS) + SIZE)
  }

  /** Number of slots, free ones included: 16 at first. */
  get capacity(): number {
    return this.#handle.length
  }

  /** Slots taken, in all lists. */
  get size(): number {
    return this.#size
  }

  /** Slots taken in `list`. */
  sizeOf(list: number): number {
    return this.#heads[(list << STRIDE_BITS) + SIZE]!
  }

  /** Takes a slot at the back of `list`. The slots may grow first. */
  push(list: number): number {
    const slot = this.#take()
    this.#linkLast(slot, list)
    return slot
  }

  /** Takes a slot at the front of `list`. The slots may grow first. */
  unshift(list: number): number {
    const slot = this.#take()
    this.#linkFirst(slot, list)
    return slot
  }

  /** Frees a slot: its handle finds nothing from now on. */
  remove(slot: number): void {
    this.#unlink(slot)
    this.#links[(slot << STRIDE_BITS) + LIST] = FREE
    this.#size--
  }

  /** Moves a taken slot to the front of `list`, be it its own or another. */
  moveToFront(slot: number, list: number): void {
    this.#unlink(slot)
    this.#linkFirst(slot, list)
  }

  /** Moves a taken slot to the back of `list`, be it its own or another. */
  moveToBack(slot: number, list: number): void {
    this.#unlink(slot)
    this.#linkLast(slot, list)
  }

  /** Moves all slots of `from` to the back of `list`, in their order. O(slots moved). */
  append(list: number, from: number): void {
    const links = this.#links
    const heads = this.#heads
    const source = from << STRIDE_BITS
    const first = heads[source]!
    if (first < 0 || list === from) return
    for (let slot = first; slot >= 0; slot = links[slot << STRIDE_BITS]!) links[(slot << STRIDE_BITS) + LIST] = list
    const target = list << STRIDE_BITS
    const last = heads[target + LAST]!
    links[(first << STRIDE_BITS) + PREVIOUS] = last
    if (last < 0) heads[target] = first
    else links[last << STRIDE_BITS] = first
    heads[target + LAST] = heads[source + LAST]!
    heads[target + SIZE]! += heads[source + SIZE]!
    heads[source] = END
    heads[source + LAST] = END
    heads[source + SIZE] = 0
  }

  /** The slot at the front of `list`, or {@link NONE}. */
  first(list: number): number {
    return this.#heads[list << STRIDE_BITS]!
  }

  /** The slot at the back of `list`, or {@link NONE}. */
  last(list: number): number {
    return this.#heads[(list << STRIDE_BITS) + LAST]!
  }

  /** The slot behind a taken one in its list, or {@link NONE}. */
  next(slot: number): number {
    return this.#links[slot << STRIDE_BITS]!
  }

  /** The slot in front of a taken one in its list, or {@link NONE}. */
  previous(slot: number): number {
    return this.#links[(slot << STRIDE_BITS) + PREVIOUS]!
  }

  /** The list that a taken slot is in. */
  listOf(slot: number): number {
    return this.#links[(slot << STRIDE_BITS) + LIST]!
  }

  /** The handle of a taken slot. */
  handleOf(slot: number): SlotHandle {
    return this.#handle[slot]!
  }

  /** Where what `handle` names is, or {@link NONE} when it has left or never was. */
  find(handle: SlotHandle): number {
    const slot = handle & (this.#handle.length - 1)
    return this.#handle[slot] === handle && this.#links[(slot << STRIDE_BITS) + LIST] !== FREE ? slot : END
  }

  #take(): number {
    if (this.#size >= this.#handle.length * MAX_LOAD) this.#grow()
    const links = this.#links
    const mask = this.#handle.length - 1
    let handle = this.#nextHandle
    while (links[((handle & mask) << STRIDE_BITS) + LIST] !== FREE) handle++
    const slot = handle & mask
    this.#handle[slot] = handle
    this.#nextHandle = handle + 1
    this.#size++
    return slot
  }

  #linkFirst(slot: number, list: number): void {
    const links = this.#links
    const heads = this.#heads
    const head = list << STRIDE_BITS
    const at = slot << STRIDE_BITS
    const next = heads[head]!
    links[at] = next
    links[at + PREVIOUS] = END
    links[at + LIST] = list
    if (next < 0) heads[head + LAST] = slot
    else links[(next << STRIDE_BITS) + PREVIOUS] = slot
    heads[head] = slot
    heads[head + SIZE]!++
  }

  #linkLast(slot: number, list: number): void {
    const links = this.#links
    const heads = this.#heads
    const head = list << STRIDE_BITS
    const at = slot << STRIDE_BITS
    const previous = heads[head + LAST]!
    links[at] = END
    links[at + PREVIOUS] = previous
    links[at + LIST] = list
    if (previous < 0) heads[head] = slot
    else links[previous << STRIDE_BITS] = slot
    heads[head + LAST] = slot
    heads[head + SIZE]!++
  }

  #unlink(slot: number): void {
    const links = this.#links
    const heads = this.#heads
    const at = slot << STRIDE_BITS
    const next = links[at]!
    const previous = links[at + PREVIOUS]!
    const head = links[at + LIST]! << STRIDE_BITS
    if (previous < 0) heads[head] = next
    else links[previous << STRIDE_BITS] = next
    if (next < 0) heads[head + LAST] = previous
    else links[(next << STRIDE_BITS) + PREVIOUS] = previous
    heads[head + SIZE]!--
  }

  /** Doubles the slots. All move to where their handles now say; none meet, for none met in half as many. */
  #grow(): void {
    const links = this.#links
    const handle = this.#handle
    const heads = this.#heads
    const capacity = handle.length * 2
    const movedFrom = new Int32Array(capacity).fill(END)
    this.#links = freeLinks(capacity)
    this.#handle = new Float64Array(capacity)
    const moved = (slot: number) => (slot < 0 ? END : handle[slot]! & (capacity - 1))
    for (let slot = 0; slot < handle.length; slot++) {
      const at = slot << STRIDE_BITS
      if (links[at + LIST] === FREE) continue
      const to = moved(slot)
      movedFrom[to] = slot
      this.#handle[to] = handle[slot]!
      this.#links[to << STRIDE_BITS] = moved(links[at]!)
      this.#links[(to << STRIDE_BITS) + PREVIOUS] = moved(links[at + PREVIOUS]!)
      this.#links[(to << STRIDE_BITS) + LIST] = links[at + LIST]!
    }
    for (let head = 0; head < heads.length; head += 1 << STRIDE_BITS) {
      heads[head] = moved(heads[head]!)
      heads[head + LAST] = moved(heads[head + LAST]!)
    }
    this.#onGrow?.(capacity, movedFrom)
  }
}

function freeLinks(capacity: number): Int32Array {
  return new Int32Array(capacity << STRIDE_BITS).fill(FREE)
}
