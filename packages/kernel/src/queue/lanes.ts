import { checkInteger, checkNumber } from '../options.ts'
import { type SlotHandle, SlotLists } from './slot-lists.ts'

/** How many lanes there are and how fast waiting items rise. */
export interface LanesOptions {
  /** Number of lanes, 1 to 255; lane 0 is the most urgent. */
  readonly lanes: number
  /** Wait after which an item counts as one lane more urgent, in ms, at least 1. @default 1000 */
  readonly ageMs?: number
}

/** Names one pushed item for {@link Lanes.cancel}. No two pushes of a queue ever share one. */
export type LaneHandle = SlotHandle

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
  readonly #lanes: number
  readonly #slots: SlotLists
  #lastNow = Number.NEGATIVE_INFINITY

  /** By slot. */
  #orders: Float64Array
  #items: (T | undefined)[]

  constructor(options: LanesOptions) {
    this.#lanes = checkInteger('Lanes', 'lanes', options.lanes, { min: 1, max: 255 })
    this.#ageMs = checkNumber('Lanes', 'ageMs', options.ageMs ?? 1000, { min: 1 })
    this.#slots = new SlotLists({
      lists: this.#lanes,
      onGrow: (capacity, movedFrom) => this.#move(capacity, movedFrom),
    })
    this.#orders = new Float64Array(this.#slots.capacity)
    this.#items = emptySlots(this.#slots.capacity)
  }

  /** Items held, in all lanes. */
  get size(): number {
    return this.#slots.size
  }

  /** Items held that were pushed in `lane`. */
  sizeOf(lane: number): number {
    return this.#slots.sizeOf(this.#check(lane))
  }

  /**
   * Adds `item` at the end of `lane`. `now` is the time in ms by any clock; a time before the last one counts as the
   * last one.
   * @throws {MillraceError} `OPTION_INVALID` when there is no such lane or `now` is not finite.
   */
  push(item: T, lane: number, now: number): LaneHandle {
    this.#check(lane)
    if (!(now <= this.#lastNow)) this.#lastNow = Number.isFinite(now) ? now : checkNumber('Lanes', 'now', now)
    const slots = this.#slots
    const slot = slots.push(lane)
    this.#items[slot] = item
    this.#orders[slot] = this.#lastNow + lane * this.#ageMs
    return slots.handleOf(slot)
  }

  /** Takes the item whose turn it is, or returns undefined when empty. */
  shift(): T | undefined {
    const slot = this.#first()
    return slot < 0 ? undefined : this.#take(slot)
  }

  /** The item whose turn it is, left in its place. */
  peek(): T | undefined {
    const slot = this.#first()
    return slot < 0 ? undefined : this.#items[slot]
  }

  /** Removes the item of `handle` and returns true, or returns false when it left before. */
  cancel(handle: LaneHandle): boolean {
    const slot = this.#slots.find(handle)
    if (slot < 0) return false
    this.#take(slot)
    return true
  }

  /** In the order `shift` would give. What an iteration gives is undefined once the queue is changed. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    const heads = Array.from({ length: this.#lanes }, (_, lane) => this.#slots.first(lane))
    const first = () => heads.reduce((slot, head) => this.#earlier(slot, head))
    for (let slot = first(); slot >= 0; slot = first()) {
      heads[this.#slots.listOf(slot)] = this.#slots.next(slot)
      yield this.#items[slot] as T
    }
  }

  /** Within a lane the order never falls, so only the heads compete. */
  #first(): number {
    const slots = this.#slots
    let first = slots.first(0)
    for (let lane = 1; lane < this.#lanes; lane++) first = this.#earlier(first, slots.first(lane))
    return first
  }

  /** Which of two slots goes first; on a tie `lower`, that of the later lane, has waited longer. */
  #earlier(slot: number, lower: number): number {
    if (lower < 0) return slot
    return slot < 0 || this.#orders[lower]! <= this.#orders[slot]! ? lower : slot
  }

  #take(slot: number): T {
    const item = this.#items[slot] as T
    this.#items[slot] = undefined
    this.#slots.remove(slot)
    return item
  }

  #move(capacity: number, movedFrom: Int32Array): void {
    const [orders, items] = [this.#orders, this.#items]
    this.#orders = new Float64Array(capacity)
    this.#items = emptySlots(capacity)
    for (let to = 0; to < capacity; to++) {
      const from = movedFrom[to]!
      if (from < 0) continue
      this.#orders[to] = orders[from]!
      this.#items[to] = items[from]
    }
  }

  #check(lane: number): number {
    if (!(lane >= 0 && lane < this.#lanes && Number.isInteger(lane))) {
      checkInteger('Lanes', 'lane', lane, { min: 0, max: this.#lanes - 1 })
    }
    return lane
  }
}

function emptySlots<T>(length: number): (T | undefined)[] {
  return new Array<T | undefined>(length).fill(undefined)
}
