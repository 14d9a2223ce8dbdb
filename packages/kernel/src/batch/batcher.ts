import { checkInteger, checkNumber } from '../options.ts'

/** What makes a batch of a {@link Batcher} leave. */
export interface BatcherOptions {
  /** Most items in a batch, at least 1. */
  readonly maxItems: number
  /** Most bytes in a batch, at least 1; a larger item goes alone. @default Infinity */
  readonly maxBytes?: number
  /** Longest time since the first item of a batch, in ms, at least 0. @default Infinity */
  readonly maxAgeMs?: number
  /** Whether a batch of any size leaves when who takes it is idle. @default false */
  readonly whenIdle?: boolean
}

/** Why a batch leaves: it is full by count or by bytes, its first item has waited long enough, or somebody is idle. */
export type BatchTrigger = 'size' | 'bytes' | 'age' | 'idle'

/** A batch that was taken. It is whose took it, until handed back by {@link Batcher.recycle}. */
export interface TakenBatch<T> {
  /** The items are `items[0]` to `items[count - 1]`, in the order of their adding; what lies behind is nothing. */
  readonly items: (T | undefined)[]
  readonly count: number
  readonly bytes: number
  /** When the first of them was added; Infinity without any. */
  readonly firstAt: number
}

/** An array has room for so many from the start, and for more once it has had more. */
const MOST_PREALLOCATED = 4096

/**
 * Gathers items into one batch at a time, and tells when it is to leave.
 *
 * The age of a batch is that of its first item, whatever comes after: it is a bound on the wait, never a debounce. Has
 * no timer and reads no clock; times are ms of any clock that does not go back.
 */
export class Batcher<T> {
  #maxItems: number
  #maxBytes = Number.POSITIVE_INFINITY
  #maxAgeMs = Number.POSITIVE_INFINITY
  #whenIdle = false
  #items: (T | undefined)[]
  #count = 0
  #bytes = 0
  #firstAt = Number.POSITIVE_INFINITY
  /** Whether an item was refused because of its bytes. */
  #isOverflowing = false
  /** Arrays handed back. */
  readonly #spares: (T | undefined)[][] = []

  constructor(options: BatcherOptions) {
    this.#maxItems = checkInteger('Batcher', 'maxItems', options.maxItems, { min: 1 })
    this.configure(options)
    this.#items = this.#emptyItems()
  }

  /** Items in the batch. */
  get size(): number {
    return this.#count
  }

  /** Bytes in the batch. */
  get bytes(): number {
    return this.#bytes
  }

  /** When the age of the first item is a trigger; Infinity without items, or without `maxAgeMs`. */
  get dueAt(): number {
    return this.#firstAt + this.#maxAgeMs
  }

  /**
   * Adds `item` at the time `now` and returns true; or returns false, with nothing added, when the batch is full. An
   * item larger than `maxBytes` is added to an empty batch only. O(1), allocates nothing in the steady state.
   * @throws {MillraceError} `OPTION_INVALID` for `bytes` below 0 or not finite.
   */
  add(item: T, bytes: number, now: number): boolean {
    if (!(bytes >= 0 && bytes <= Number.MAX_VALUE)) checkNumber('Batcher', 'bytes', bytes, { min: 0 })
    const count = this.#count
    if (count >= this.#maxItems) return false
    if (count === 0) {
      this.#firstAt = now
    } else if (this.#bytes + bytes > this.#maxBytes) {
      this.#isOverflowing = true
      return false
    }
    this.#items[count] = item
    this.#count = count + 1
    this.#bytes += bytes
    return true
  }

  /**
   * What makes the batch leave at the time `now`; undefined when nothing does, and for an empty one.
   *
   * Of several triggers the first of: `size`; `bytes`, which includes that an item was refused for its bytes; `age`;
   * `idle`, when somebody is and `whenIdle` is set.
   */
  trigger(now: number, isIdle: boolean): BatchTrigger | undefined {
    if (this.#count === 0) return undefined
    if (this.#count >= this.#maxItems) return 'size'
    if (this.#isOverflowing || this.#bytes >= this.#maxBytes) return 'bytes'
    if (now >= this.dueAt) return 'age'
    return isIdle && this.#whenIdle ? 'idle' : undefined
  }

  /**
   * Takes the batch as it is, triggered or not, and begins the next. O(1): no item is copied; allocates one object, and
   * an array while none was handed back.
   */
  take(): TakenBatch<T> {
    const batch = { items: this.#items, count: this.#count, bytes: this.#bytes, firstAt: this.#firstAt }
    this.#items = this.#spares.pop() ?? this.#emptyItems()
    this.#count = 0
    this.#bytes = 0
    this.#firstAt = Number.POSITIVE_INFINITY
    this.#isOverflowing = false
    return batch
  }

  /**
   * Hands back a batch that was taken here and is no longer used: its items are forgotten, its array is used again. A
   * second time does nothing, but comes too late once the array is in another batch: hand back once.
   */
  recycle(batch: TakenBatch<T>): void {
    const { items, count } = batch
    if (items === this.#items || this.#spares.includes(items)) return
    items.fill(undefined, 0, count)
    this.#spares.push(items)
  }

  /**
   * Changes the options that are given, for the batch at hand too: with a `maxItems` that it has reached, it is due.
   * @throws {MillraceError} `OPTION_INVALID` for one out of bounds; then none is changed.
   */
  configure(options: Partial<BatcherOptions>): void {
    const max = Number.POSITIVE_INFINITY
    const maxItems = checkInteger('Batcher', 'maxItems', options.maxItems ?? this.#maxItems, { min: 1 })
    const maxBytes = checkNumber('Batcher', 'maxBytes', options.maxBytes ?? this.#maxBytes, { min: 1, max })
    const maxAgeMs = checkNumber('Batcher', 'maxAgeMs', options.maxAgeMs ?? this.#maxAgeMs, { min: 0, max })
    this.#maxItems = maxItems
    this.#maxBytes = maxBytes
    this.#maxAgeMs = maxAgeMs
    this.#whenIdle = options.whenIdle ?? this.#whenIdle
  }

  #emptyItems(): (T | undefined)[] {
    return new Array<T | undefined>(Math.min(this.#maxItems, MOST_PREALLOCATED)).fill(undefined)
  }
}
