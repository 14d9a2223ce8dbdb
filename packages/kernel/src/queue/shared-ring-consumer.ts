import type { MillraceError } from '../errors.ts'
import { SharedBell } from './shared-bell.ts'
import type { SharedRingBells } from './shared-ring.ts'
import {
  CONSUMER_BELL,
  COUNTER,
  capacityOf,
  corrupt,
  DATA,
  DATA_BYTES,
  HEAD,
  HEADER_BYTES,
  PRODUCER_BELL,
  SKIP,
  STRAY,
  sizeOf,
  TAIL,
} from './shared-ring-layout.ts'

const EMPTY = -1

/**
 * The reading side of a ring made by `createSharedRing`.
 *
 * `next` moves to the next record, in place; `release` gives back that one and all before it. The producer learns of it
 * by one store a quarter of the ring, or when there is nothing more to read, or by `publish`. Nothing blocks but
 * `wait`, and nothing allocates but waiting.
 */
export class SharedRingConsumer {
  /** The memory of the ring: lay views over it once, and read at the offsets that `next` returns. */
  readonly buffer: SharedArrayBuffer
  readonly #capacity: number
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #bell: SharedBell
  readonly #producerBell: SharedBell
  /** Where the record after the current one begins. */
  #next: number
  /** Up to where records were given back, and up to where the producer was told so. */
  #released: number
  #head: number
  /**
   * The producer's counter as last seen. PERF: it is loaded only when the ring seems empty;
   * bench/kernel/shared-ring.bench.ts.
   */
  #tail: number
  #length = 0
  #tag = 0

  /**
   * @throws {MillraceError} `OPTION_INVALID` when `buffer` is not of the size of a ring; `RING_CORRUPT` when it holds
   * no counters of one.
   */
  constructor(buffer: SharedArrayBuffer, bells: SharedRingBells = {}) {
    this.#capacity = capacityOf('SharedRingConsumer', buffer)
    this.buffer = buffer
    this.#words = new Int32Array(buffer, 0, DATA + this.#capacity / 4)
    this.#bell = bells.consumerBell ?? new SharedBell(buffer, CONSUMER_BELL)
    this.#producerBell = bells.producerBell ?? new SharedBell(buffer, PRODUCER_BELL)
    this.#head = Atomics.load(this.#words, HEAD)
    this.#next = this.#head
    this.#released = this.#head
    this.#tail = this.#head
    if ((this.#head & STRAY) !== 0) throw this.#misplaced(Atomics.load(this.#words, TAIL))
    this.#look()
  }

  /** Bytes of the payload that `next` came to. */
  get length(): number {
    return this.#length
  }

  /** The tag that the producer gave it. */
  get tag(): number {
    return this.#tag
  }

  /**
   * Whether `next` would come to a record. When not, tells the producer what was released, lest both sides wait for
   * each other.
   * @throws {MillraceError} `RING_CORRUPT`.
   */
  get ready(): boolean {
    if (this.#next !== this.#tail || this.#look()) return true
    this.publish()
    return false
  }

  /**
   * Moves on to the next record and returns the byte offset of its payload in {@link SharedRingConsumer.buffer}, a
   * multiple of 8; or returns -1 when there is none. Records come to earlier stay in place until they are released.
   * @throws {MillraceError} `RING_CORRUPT` when the memory holds what no producer writes.
   */
  next(): number {
    if (!this.ready) return EMPTY
    let start = this.#next
    let place = start & (this.#capacity - 1)
    let left = (this.#tail - start) & COUNTER
    // Read once: what is checked is what is used, whatever the other side writes meanwhile.
    let length = this.#words[DATA + (place >> 2)]!
    if (length === SKIP) {
      const toEnd = this.#capacity - place
      if (toEnd >= left) throw this.#malformed(place, length)
      start += toEnd
      place = 0
      left -= toEnd
      length = this.#words[DATA]!
    }
    if (length < 0 || length > Math.min(left, this.#capacity - place) - HEADER_BYTES) {
      throw this.#malformed(place, length)
    }
    this.#length = length
    this.#tag = this.#words[DATA + (place >> 2) + 1]!
    this.#next = (start + sizeOf(length)) & COUNTER
    return DATA_BYTES + HEADER_BYTES + place
  }

  /** Gives back the current record and all before it: they may be overwritten from now on. */
  release(): void {
    this.#released = this.#next
    if (((this.#released - this.#head) & COUNTER) >= this.#capacity / 4) this.publish()
  }

  /**
   * Tells the producer at once what was released, and wakes it when it waits. For when much time may pass until `next`.
   */
  publish(): void {
    if (this.#released === this.#head) return
    this.#head = this.#released
    Atomics.store(this.#words, HEAD, this.#head)
    this.#producerBell.ring()
  }

  /**
   * Blocks until there is a record, the bell rings or `timeoutMs` are over; returns whether there is one.
   * @throws {MillraceError} as `ready` and {@link SharedBell.wait} do.
   */
  wait(timeoutMs?: number): boolean {
    return this.#bell.wait(() => this.ready, timeoutMs)
  }

  /** Like `wait`, without blocking: see {@link SharedBell.waitAsync}. */
  waitAsync(timeoutMs?: number): Promise<boolean> {
    return this.#bell.waitAsync(() => this.ready, timeoutMs)
  }

  /** Loads the producer's counter: it may only have moved on, and not past what was given back. */
  #look(): boolean {
    const tail = Atomics.load(this.#words, TAIL)
    const used = (tail - this.#head) & COUNTER
    if ((tail & STRAY) !== 0 || used < ((this.#tail - this.#head) & COUNTER) || used > this.#capacity) {
      throw this.#misplaced(tail)
    }
    this.#tail = tail
    return tail !== this.#next
  }

  #misplaced(tail: number): MillraceError {
    return corrupt('SharedRingConsumer', `the producer cannot be at ${tail}, records are held from ${this.#head} on`, {
      head: this.#head,
      tail,
    })
  }

  #malformed(place: number, length: number): MillraceError {
    return corrupt('SharedRingConsumer', `no record at byte ${place} can have ${length} bytes`, {
      place,
      length,
      tail: this.#tail,
    })
  }
}
