import { MillraceError } from '../errors.ts'
import { checkInteger } from '../options.ts'

/** How far ahead a {@link Reorder} holds. */
export interface ReorderOptions {
  /** Sequence numbers, from the next one due on, that may come: 1 to 2^24. @default 1024 */
  readonly window?: number
  /** The first sequence number. @default 0 */
  readonly first?: number
}

const AWAITED = 0
const HELD = 1
const SKIPPED = 2

/**
 * Takes items in any order and gives them in the order of their sequence numbers.
 *
 * Each number comes once, with an item or to say that it has none; the item due is given as soon as all before it were.
 * Bounded: what lies `window` or more ahead of the one due is refused, so whoever hands out numbers looks at `accepts`
 * first. Each operation is O(1), `skip` and `shift` amortised, and allocates nothing. An item that was given is no
 * longer referenced.
 */
export class Reorder<T> {
  readonly #window: number
  readonly #mask: number
  readonly #items: (T | undefined)[]
  readonly #states: Uint8Array
  #next: number
  #size = 0

  constructor(options: ReorderOptions = {}) {
    this.#window = checkInteger('Reorder', 'window', options.window ?? 1024, { min: 1, max: 2 ** 24 })
    this.#next = checkInteger('Reorder', 'first', options.first ?? 0, { min: 0 })
    const capacity = 2 ** Math.ceil(Math.log2(this.#window))
    this.#mask = capacity - 1
    this.#items = new Array<T | undefined>(capacity).fill(undefined)
    this.#states = new Uint8Array(capacity)
  }

  /** The sequence number due. */
  get next(): number {
    return this.#next
  }

  /** Items held. */
  get size(): number {
    return this.#size
  }

  /** Whether `shift` would give an item. */
  get ready(): boolean {
    return this.#states[this.#next & this.#mask] === HELD
  }

  /** Whether `sequence` is within the window. */
  accepts(sequence: number): boolean {
    return sequence < this.#next + this.#window
  }

  /**
   * Takes the item of `sequence` and returns true, or returns false when it is too far ahead.
   * @throws {MillraceError} `SEQUENCE_TAKEN` when the number came before.
   */
  put(sequence: number, item: T): boolean {
    if (!this.#take(sequence, HELD)) return false
    this.#items[sequence & this.#mask] = item
    this.#size++
    return true
  }

  /**
   * Closes the gap that `sequence` would leave: it has no item. Returns false when it is too far ahead.
   * @throws {MillraceError} `SEQUENCE_TAKEN` when the number came before.
   */
  skip(sequence: number): boolean {
    if (!this.#take(sequence, SKIPPED)) return false
    this.#passSkipped()
    return true
  }

  /** Takes the item due, or returns undefined when it has not come. */
  shift(): T | undefined {
    if (!this.ready) return undefined
    const place = this.#next & this.#mask
    const item = this.#items[place]
    this.#items[place] = undefined
    this.#states[place] = AWAITED
    this.#size--
    this.#next++
    this.#passSkipped()
    return item
  }

  #take(sequence: number, state: number): boolean {
    if (!Number.isSafeInteger(sequence)) checkInteger('Reorder', 'sequence', sequence, { min: 0 })
    if (!this.accepts(sequence)) return false
    const place = sequence & this.#mask
    if (sequence < this.#next || this.#states[place] !== AWAITED) {
      throw new MillraceError(
        'SEQUENCE_TAKEN',
        `Reorder: ${sequence} came before (next due: ${this.#next}); put or skip each sequence number once`,
        { detail: { sequence, next: this.#next } },
      )
    }
    this.#states[place] = state
    return true
  }

  #passSkipped(): void {
    for (let place = this.#next & this.#mask; this.#states[place] === SKIPPED; place = this.#next & this.#mask) {
      this.#states[place] = AWAITED
      this.#next++
    }
  }
}
