import { checkInteger, checkNumber } from '../options.ts'

/** How many lanes there are and how fast waiting items rise. */
export interface LanesOptions {
  /** Number of lanes, 1 to 255; lane 0 is the most urgent. */
  readonly lanes: number
  /** Wait after which an item counts as one lane more urgent, in ms, at least 1. @default 1000 */
  readonly ageMs?: number
}

/**
 * Names one pushed item for {@link Lanes.cancel}. No two pushes of a queue ever share one. It counts up, and is a small
 * integer, which engines pass around without allocating, for 250 million pushes at least.
 */
export type LaneHandle = number

const NONE = -1
const FREE = 255
const SMALLEST_CAPACITY = 16
/** The share of slots that may be taken: a push passes over taken ones, on average at most three. */
const MAX_LOAD = 3 / 4

/**
 * A priority queue of a few lanes in which nothing starves: a waiting item rises one lane per `ageMs`.
 *
 * First in, first out within a lane. All items rise at the same pace, so the order is that of `pushedAt + lane ×
 * ageMs`, the moment at which an item reaches lane 0, and no clock is needed to take the next one.
 *
 * The bound: an item pushed in lane L at time t is overtaken by no item pushed at t + L × ageMs or later. A queue that
 * is served faster than it is filled on average over L × ageMs therefore serves every item of lane L.
 *
 * `push` and `cancel` are O(1), `push` amortised; `shift` is O(lanes). None allocates once the queue has had its greatest
 * size and while handles are small integers.
 */
export class Lanes<T> {
  readonly #ageMs: number
  #lastNow = Number.NEGATIVE_INFINITY
  #size = 0
  /** The handle to try next. */
  #nextHandle = 0

  readonly #heads: Int32Array
  readonly #tails: Int32Array
  readonly #sizes: Int32Array

  /**
   * The slots, as many as a power of two. An item lies where its handle, modulo that, says: a handle whose slot is taken
   * is passed over, so that none needs a table to be found by, and none is given out twice.
   * PERF: columns of numbers, not node objects, so that a push allocates nothing; bench/kernel/lanes.bench.ts.
   */
  #next = new Int32Array(SMALLEST_CAPACITY)
  #previous = new Int32Array(SMALLEST_CAPACITY)
  #lane = new Uint8Array(SMALLEST_CAPACITY).fill(FREE)
  #handle = new Float64Array(SMALLEST_CAPACITY)
  #order = new Float64Array(SMALLEST_CAPACITY)
  #items = emptySlots<T>(SMALLEST_CAPACITY)

  constructor(options: LanesOptions) {
    const lanes = checkInteger('Lanes', 'lanes', options.lanes, { min: 1, max: 255 })
    this.#ageMs = checkNumber('Lanes', 'ageMs', options.ageMs ?? 1000, { min: 1 })
    this.#heads = new Int32Array(lanes).fill(NONE)
    this.#tails = new Int32Array(lanes).fill(NONE)
    this.#sizes = new Int32Array(lanes)
  }

  /** Items held, in all lanes. */
  get size(): number {
    return this.#size
  }

  /** Items held that were pushed in `lane`. */
  sizeOf(lane: number): number {
    return this.#sizes[this.#check(lane)]!
  }

  /**
   * Adds `item` at the end of `lane`. `now` is the time in ms by any clock; a time before the last one counts as the
   * last one.
   * @throws {MillraceError} `OPTION_INVALID` when there is no such lane or `now` is not finite.
   */
  push(item: T, lane: number, now: number): LaneHandle {
    this.#check(lane)
    if (!(now <= this.#lastNow)) this.#lastNow = checkNumber('Lanes', 'now', now)
    if (this.#size >= this.#lane.length * MAX_LOAD) this.#grow()
    const handle = this.#freeHandle()
    const slot = this.#slotOf(handle)

    const tail = this.#tails[lane]!
    this.#items[slot] = item
    this.#order[slot] = this.#lastNow + lane * this.#ageMs
    this.#handle[slot] = handle
    this.#lane[slot] = lane
    this.#previous[slot] = tail
    this.#next[slot] = NONE
    if (tail === NONE) this.#heads[lane] = slot
    else this.#next[tail] = slot
    this.#tails[lane] = slot
    this.#sizes[lane]!++
    this.#size++
    return handle
  }

  /** Takes the item whose turn it is, or returns undefined when empty. */
  shift(): T | undefined {
    const slot = this.#first(this.#heads)
    return slot === NONE ? undefined : this.#take(slot)
  }

  /** The item whose turn it is, left in its place. */
  peek(): T | undefined {
    const slot = this.#first(this.#heads)
    return slot === NONE ? undefined : this.#items[slot]
  }

  /** Removes the item of `handle` and returns true, or returns false when it left before. */
  cancel(handle: LaneHandle): boolean {
    const slot = this.#slotOf(handle)
    if (this.#lane[slot] === FREE || this.#handle[slot] !== handle) return false
    this.#take(slot)
    return true
  }

  /** In the order `shift` would give. What an iteration gives is undefined once the queue is changed. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    const heads = this.#heads.slice()
    for (let slot = this.#first(heads); slot !== NONE; slot = this.#first(heads)) {
      heads[this.#lane[slot]!] = this.#next[slot]!
      yield this.#items[slot] as T
    }
  }

  /** Within a lane the order never falls, so only the heads compete; on a tie the later lane has waited longer. */
  #first(heads: Int32Array): number {
    let first = NONE
    let firstOrder = Number.POSITIVE_INFINITY
    for (let lane = 0; lane < heads.length; lane++) {
      const slot = heads[lane]!
      if (slot !== NONE && this.#order[slot]! <= firstOrder) {
        first = slot
        firstOrder = this.#order[slot]!
      }
    }
    return first
  }

  #take(slot: number): T {
    const item = this.#items[slot] as T
    const lane = this.#lane[slot]!
    const previous = this.#previous[slot]!
    const next = this.#next[slot]!
    if (previous === NONE) this.#heads[lane] = next
    else this.#next[previous] = next
    if (next === NONE) this.#tails[lane] = previous
    else this.#previous[next] = previous
    this.#sizes[lane]!--
    this.#size--

    this.#items[slot] = undefined
    this.#lane[slot] = FREE
    return item
  }

  #slotOf(handle: LaneHandle): number {
    return handle & (this.#lane.length - 1)
  }

  #freeHandle(): LaneHandle {
    while (this.#lane[this.#slotOf(this.#nextHandle)] !== FREE) this.#nextHandle++
    return this.#nextHandle++
  }

  /** Doubles the slots. Items move to where their handles now say; none meet, for none met in half as many. */
  #grow(): void {
    const [next, previous, lane] = [this.#next, this.#previous, this.#lane]
    const [handle, order, items] = [this.#handle, this.#order, this.#items]
    const capacity = lane.length * 2
    this.#next = new Int32Array(capacity)
    this.#previous = new Int32Array(capacity)
    this.#lane = new Uint8Array(capacity).fill(FREE)
    this.#handle = new Float64Array(capacity)
    this.#order = new Float64Array(capacity)
    this.#items = emptySlots(capacity)
    const moved = (slot: number) => (slot === NONE ? NONE : this.#slotOf(handle[slot]!))
    for (let slot = 0; slot < lane.length; slot++) {
      if (lane[slot] === FREE) continue
      const to = moved(slot)
      this.#next[to] = moved(next[slot]!)
      this.#previous[to] = moved(previous[slot]!)
      this.#lane[to] = lane[slot]!
      this.#handle[to] = handle[slot]!
      this.#order[to] = order[slot]!
      this.#items[to] = items[slot]
    }
    for (let each = 0; each < this.#heads.length; each++) {
      this.#heads[each] = moved(this.#heads[each]!)
      this.#tails[each] = moved(this.#tails[each]!)
    }
  }

  #check(lane: number): number {
    if (!(lane >= 0 && lane < this.#heads.length && Number.isInteger(lane))) {
      checkInteger('Lanes', 'lane', lane, { min: 0, max: this.#heads.length - 1 })
    }
    return lane
  }
}

function emptySlots<T>(length: number): (T | undefined)[] {
  return new Array<T | undefined>(length).fill(undefined)
}
