import { checkInteger } from '../options.ts'

/** How much a {@link Settle} holds. */
export interface SettleOptions {
  /** Most items pending at once, 1 to 2^24; the table is made for so many. @default 1024 */
  readonly maxItems?: number
}

/**
 * Names one item of a {@link Settle}. No two items of a table ever share one. It is a small integer, which engines pass
 * around without allocating, for 250 million items at least; a double holds the next 9 million billion.
 */
export type Ticket = number

const FULL = -1
const NONE = -1
/** In place of the next free slot: this one is taken. */
const PENDING = -2

/**
 * Items that wait for an answer, each of which is settled exactly once.
 *
 * `open` gives a ticket to send along; the first `settle` with it gives the item back, every later one nothing. A slot
 * is taken again only under a new ticket, so that an answer that is late, doubled or made up never settles another's
 * item.
 *
 * While an item is pending, {@link Settle.slotOf} says where: whoever keeps more of it than the item (a worker, a start
 * time) does so in columns of its own, of `capacity` places.
 *
 * `open`, `get`, `slotOf` and `settle` are O(1) and allocate nothing. An item that was settled is no longer referenced.
 */
export class Settle<T extends NonNullable<unknown>> {
  /** Slots: `maxItems`, rounded up to a power of two. */
  readonly capacity: number
  readonly #maxItems: number
  #size = 0
  readonly #items: (T | undefined)[]
  /** By slot: the ticket of its item, or of its next one. Slot and ticket are equal modulo the capacity. */
  readonly #tickets: Float64Array
  /** By slot: PENDING, or the free slot after it. The one freed first is taken first, so that tickets grow slowly. */
  readonly #nextFree: Int32Array
  #firstFree = 0
  #lastFree: number

  constructor(options: SettleOptions = {}) {
    this.#maxItems = checkInteger('Settle', 'maxItems', options.maxItems ?? 1024, { min: 1, max: 2 ** 24 })
    this.capacity = 2 ** Math.ceil(Math.log2(this.#maxItems))
    this.#items = new Array<T | undefined>(this.capacity).fill(undefined)
    this.#tickets = Float64Array.from({ length: this.capacity }, (_, slot) => slot)
    this.#nextFree = Int32Array.from({ length: this.capacity }, (_, slot) => slot + 1)
    this.#lastFree = this.capacity - 1
    this.#nextFree[this.#lastFree] = NONE
  }

  /** Items pending. */
  get size(): number {
    return this.#size
  }

  /** Keeps `item` until it is settled, and returns its ticket; or returns -1 when `maxItems` are pending. */
  open(item: T): Ticket {
    if (this.#size === this.#maxItems) return FULL
    const slot = this.#firstFree
    this.#firstFree = this.#nextFree[slot]!
    if (this.#firstFree === NONE) this.#lastFree = NONE
    this.#nextFree[slot] = PENDING
    this.#items[slot] = item
    this.#size++
    return this.#tickets[slot]!
  }

  /** Where the item of `ticket` is pending, 0 to `capacity` - 1, or -1 when it is not. */
  slotOf(ticket: Ticket): number {
    const slot = ticket & (this.capacity - 1)
    return this.#tickets[slot] === ticket && this.#nextFree[slot] === PENDING ? slot : NONE
  }

  /** The item of `ticket`, which stays pending, or undefined when it is not. */
  get(ticket: Ticket): T | undefined {
    const slot = this.slotOf(ticket)
    return slot === NONE ? undefined : this.#items[slot]
  }

  /**
   * The first time, takes the item of `ticket` and returns it: the caller owes it its answer. Ever after, returns
   * undefined.
   */
  settle(ticket: Ticket): T | undefined {
    const slot = this.slotOf(ticket)
    if (slot === NONE) return undefined
    const item = this.#items[slot]
    this.#items[slot] = undefined
    this.#tickets[slot]! += this.capacity
    this.#nextFree[slot] = NONE
    if (this.#lastFree === NONE) this.#firstFree = slot
    else this.#nextFree[this.#lastFree] = slot
    this.#lastFree = slot
    this.#size--
    return item
  }

  /** The tickets of all that is pending, in no promised order. Items may be settled meanwhile; O(capacity). */
  *[Symbol.iterator](): Generator<Ticket, void, undefined> {
    for (let slot = 0; slot < this.capacity; slot++) {
      if (this.#nextFree[slot] === PENDING) yield this.#tickets[slot]!
    }
  }
}
