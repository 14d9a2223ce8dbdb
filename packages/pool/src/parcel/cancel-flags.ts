import { entryIn, MOST_ENTRIES, ticketIn } from './parcel-layout.ts'

const BITS = 32
const WORDS = MOST_ENTRIES / BITS

/**
 * By which a worker sees, in the midst of a task that came in a message, that nobody wants it any more: a bit in shared
 * memory for each entry of each parcel that is pending.
 *
 * A parcel's bits lie where its ticket says, modulo as many as may be pending, so both sides find them by the ticket.
 * Everything is O(1).
 */
export class CancelFlags {
  readonly buffer: SharedArrayBuffer
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #mask: number

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
    this.#mask = this.#words.length / WORDS - 1
  }

  /** For so many parcels at once, a power of two. */
  static make(parcels: number): CancelFlags {
    return new CancelFlags(new SharedArrayBuffer(4 * WORDS * parcels))
  }

  /** For a parcel that nobody else knows yet: all of it is wanted. */
  clear(ticket: number): void {
    const word = WORDS * (ticket & this.#mask)
    for (let index = 0; index < WORDS; index++) Atomics.store(this.#words, word + index, 0)
  }

  set(entryTicket: number): void {
    Atomics.or(this.#words, this.#wordOf(entryTicket), 1 << (entryIn(entryTicket) % BITS))
  }

  isSet(entryTicket: number): boolean {
    return (Atomics.load(this.#words, this.#wordOf(entryTicket)) & (1 << (entryIn(entryTicket) % BITS))) !== 0
  }

  #wordOf(entryTicket: number): number {
    return WORDS * (ticketIn(entryTicket) & this.#mask) + Math.floor(entryIn(entryTicket) / BITS)
  }
}
