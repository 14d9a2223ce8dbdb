import { checkInteger, checkNumber } from '../options.ts'

/** How many lanes there are and how fast waiting items rise. */
export interface LanesOptions {
  /** Number of lanes, 1 to 255; lane 0 is the most urgent. */
  readonly lanes: number
  /** Wait after which an item counts as one lane more urgent, in ms, at least 1. @default 1000 */
  readonly ageMs?: number
}

/** Names one pushed item for {@link Lanes.cancel}. No two pushes of a queue ever share one. */
export type LaneHandle = number

const NONE = -1
const FREE = 255
const SMALLEST_CAPACITY = 16
/** A handle is `generation * 2^32 + slot`, which leaves 21 bits of a safe integer for the generation. */
const HANDLE_SPAN = 2 ** 32
const LAST_GENERATION = 2 ** 21 - 1

/**
 * A priority queue of a few lanes in which nothing starves: a waiting item rises one lane per `ageMs`.
 *
 * First in, first out within a lane. All items rise at the same pace, so the order is that of `pushedAt + lane ×
 * ageMs`, the moment at which an item reaches lane 0, and no clock is needed to take the next one.
 *
 * The bound: an item pushed in lane L at time t is overtaken by no item pushed at t + L × ageMs or later. A queue that
 * is served faster than it is filled on average over L × ageMs therefore serves every item of lane L.
 *
 * `push` and `cancel` are O(1), `shift` is O(lanes); none allocates once the queue has had its greatest size.
 */
export class Lanes<T> {
  readonly #ageMs: number
  #lastNow = Number.NEGATIVE_INFINITY
  #size = 0

  readonly #heads: Int32Array
  readonly #tails: Int32Array
  readonly #sizes: Int32Array

  /**
   * Slots are linked into their lane, or through `next` into the free list.
   * PERF: columns of numbers, not node objects, so that a push allocates nothing; bench/kernel/lanes.bench.ts.
   */
  #next = new Int32Array(0)
  #previous = new Int32Array(0)
  #lane = new Uint8Array(0)
  #generation = new Int32Array(0)
  #order = new Float64Array(0)
  #items: (T | undefined)[] = []
  #free = NONE

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
    if (this.#free === NONE) this.#grow()
    const slot = this.#free
    this.#free = this.#next[slot]!

    const tail = this.#tails[lane]!
    this.#items[slot] = item
    this.#order[slot] = this.#lastNow + lane * this.#ageMs
    this.#lane[slot] = lane
    this.#previous[slot] = tail
    this.#next[slot] = NONE
    if (tail === NONE) this.#heads[lane] = slot
    else this.#next[tail] = slot
    this.#tails[lane] = slot
    this.#sizes[lane]!++
    this.#size++
    return this.#generation[slot]! * HANDLE_SPAN + slot
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
    const slot = handle >>> 0
    if (slot >= this.#lane.length || this.#lane[slot] === FREE) return false
    if (this.#generation[slot]! * HANDLE_SPAN + slot !== handle) return false
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
    // A slot that has used up its generations is left out for good: 30 bytes per two million pushes keep handles
    // unique.
    if (this.#generation[slot]! < LAST_GENERATION) {
      this.#generation[slot]!++
      this.#next[slot] = this.#free
      this.#free = slot
    }
    return item
  }

  #grow(): void {
    const from = this.#items.length
    const to = Math.max(SMALLEST_CAPACITY, from * 2)
    this.#next = extended(this.#next, new Int32Array(to))
    this.#previous = extended(this.#previous, new Int32Array(to))
    this.#lane = extended(this.#lane, new Uint8Array(to).fill(FREE))
    this.#generation = extended(this.#generation, new Int32Array(to))
    this.#order = extended(this.#order, new Float64Array(to))
    for (let slot = from; slot < to; slot++) {
      this.#items.push(undefined)
      this.#next[slot] = slot + 1 < to ? slot + 1 : NONE
    }
    this.#free = from
  }

  #check(lane: number): number {
    if (!(lane >= 0 && lane < this.#heads.length && Number.isInteger(lane))) {
      checkInteger('Lanes', 'lane', lane, { min: 0, max: this.#heads.length - 1 })
    }
    return lane
  }
}

function extended<A extends Int32Array | Uint8Array | Float64Array>(old: A, larger: A): A {
  larger.set(old)
  return larger
}
