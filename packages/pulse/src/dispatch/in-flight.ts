/** Tickets are small integers: an epoch above the row. */
const MAX_EPOCH_BITS = 30

/**
 * The checks under way: of each its monitor, what it was fenced with, and when it began. A row each, at most `max`.
 *
 * A ticket names a check for good: one that ended, or was given up, is never taken for the one that has its row now (until a row was used 2^30 / `max` times
 * over). O(1) a call, and allocates nothing.
 */
export class InFlight {
  readonly monitors: Int32Array
  readonly generations: Uint32Array
  /** By the clock for durations. */
  readonly begunAt: Float64Array
  /** What a check holds room of. */
  readonly kinds: string[]
  readonly hosts: (string | undefined)[]
  readonly isFailing: Uint8Array
  readonly #tickets: Int32Array
  readonly #free: Int32Array
  #freeCount: number
  readonly #rowBits: number
  readonly #epochMask: number

  constructor(max: number) {
    this.monitors = new Int32Array(max)
    this.generations = new Uint32Array(max)
    this.begunAt = new Float64Array(max)
    this.kinds = new Array<string>(max).fill('')
    this.hosts = new Array<string | undefined>(max).fill(undefined)
    this.isFailing = new Uint8Array(max)
    this.#rowBits = Math.max(1, 32 - Math.clz32(max - 1))
    this.#epochMask = 2 ** (MAX_EPOCH_BITS - this.#rowBits) - 1
    this.#tickets = Int32Array.from({ length: max }, (_, row) => row)
    this.#free = Int32Array.from({ length: max }, (_, row) => max - 1 - row)
    this.#freeCount = max
  }

  /** Checks that may begin. */
  get free(): number {
    return this.#freeCount
  }

  /** Checks under way. */
  get size(): number {
    return this.monitors.length - this.#freeCount
  }

  /** Takes a row, of which there is one free, and gives its ticket. */
  begin(monitor: number, generation: number, now: number): number {
    const row = this.#free[--this.#freeCount]!
    this.monitors[row] = monitor
    this.generations[row] = generation
    this.begunAt[row] = now
    return this.#tickets[row]!
  }

  rowOf(ticket: number): number {
    return ticket & ((1 << this.#rowBits) - 1)
  }

  /** Whether a check is under way still. */
  has(ticket: number): boolean {
    return this.#tickets[this.rowOf(ticket)] === ticket
  }

  /** The row of a check that ends, which is free from now on, with its columns as they were; -1 for one that ended before. */
  end(ticket: number): number {
    const row = this.rowOf(ticket)
    if (this.#tickets[row] !== ticket) return -1
    const epoch = ((ticket >>> this.#rowBits) + 1) & this.#epochMask
    this.#tickets[row] = (epoch << this.#rowBits) | row
    this.#free[this.#freeCount++] = row
    return row
  }

  /** The ticket of the check that has a row. */
  ticketOf(row: number): number {
    return this.#tickets[row]!
  }
}
