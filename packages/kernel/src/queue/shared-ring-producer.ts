import { MillraceError } from '../errors.ts'
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

const FULL = -1
const NOTHING = -1

/**
 * The writing side of a ring made by `createSharedRing`.
 *
 * A record is reserved, written in place, committed; `publish` shows all that were committed to the consumer, by one
 * store. Nothing blocks but `wait`, and nothing allocates but waiting.
 */
export class SharedRingProducer {
  /** The memory of the ring: lay views over it once, and write at the offsets that `reserve` returns. */
  readonly buffer: SharedArrayBuffer
  /** The longest payload there can be: half the capacity, less the 8 bytes of its header. */
  readonly maxRecordBytes: number
  readonly #capacity: number
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #bell: SharedBell
  readonly #consumerBell: SharedBell
  /** Where the next record goes. */
  #next: number
  /** As last published. */
  #tail: number
  /**
   * The consumer's counter as last seen. PERF: it is loaded only when the ring seems full;
   * bench/kernel/shared-ring.bench.ts.
   */
  #head: number
  /** The payload reserved, or NOTHING. */
  #reserved = NOTHING
  /** Bytes passed over before it. */
  #skipped = 0

  /**
   * @throws {MillraceError} `OPTION_INVALID` when `buffer` is not of the size of a ring; `RING_CORRUPT` when it holds
   * no counters of one.
   */
  constructor(buffer: SharedArrayBuffer, bells: SharedRingBells = {}) {
    this.#capacity = capacityOf('SharedRingProducer', buffer)
    this.buffer = buffer
    this.maxRecordBytes = this.#capacity / 2 - HEADER_BYTES
    this.#words = new Int32Array(buffer, 0, DATA + this.#capacity / 4)
    this.#bell = bells.producerBell ?? new SharedBell(buffer, PRODUCER_BELL)
    this.#consumerBell = bells.consumerBell ?? new SharedBell(buffer, CONSUMER_BELL)
    this.#tail = Atomics.load(this.#words, TAIL)
    this.#next = this.#tail
    // As if the ring were full: whatever the consumer has given back of it is a step forward.
    this.#head = (this.#tail - this.#capacity) & COUNTER
    if ((this.#tail & STRAY) !== 0) throw this.#corrupt(Atomics.load(this.#words, HEAD))
    this.#look(0)
  }

  /**
   * Whether a record of up to `maxBytes` has room. When not, publishes what was committed, lest both sides wait for
   * each other.
   * @throws {MillraceError} `RING_RECORD_TOO_LARGE` when it never will; `RING_CORRUPT`.
   */
  hasRoom(maxBytes: number): boolean {
    const size = this.#sizeOf(maxBytes)
    return this.#fits(size + this.#skippedBy(size))
  }

  /**
   * Returns the byte offset in {@link SharedRingProducer.buffer} at which up to `maxBytes` may be written, a multiple
   * of 8; or -1 when the ring is full. A reservation that was not committed is void.
   * @throws {MillraceError} `RING_RECORD_TOO_LARGE` when `maxBytes` is above `maxRecordBytes`; `RING_CORRUPT`.
   */
  reserve(maxBytes: number): number {
    const size = this.#sizeOf(maxBytes)
    const skipped = this.#skippedBy(size)
    this.#reserved = NOTHING
    if (!this.#fits(size + skipped)) return FULL
    this.#reserved = size - HEADER_BYTES
    this.#skipped = skipped
    const place = this.#next & (this.#capacity - 1)
    if (skipped === 0) return DATA_BYTES + HEADER_BYTES + place
    this.#words[DATA + (place >> 2)] = SKIP
    return DATA_BYTES + HEADER_BYTES
  }

  /**
   * Ends the record reserved, with the bytes really written and a `tag` of 32 bits for whatever the two sides agree on.
   * The consumer sees it from the next `publish` on.
   * @throws {MillraceError} `RING_COMMIT_INVALID` when nothing, or less than `bytes`, is reserved.
   */
  commit(bytes: number, tag = 0): void {
    if (!(bytes >= 0 && bytes <= this.#reserved)) {
      const reserved = Math.max(0, this.#reserved)
      throw new MillraceError(
        'RING_COMMIT_INVALID',
        `SharedRingProducer: cannot commit ${bytes} bytes, reserved are ${reserved}; reserve before each commit`,
        { detail: { bytes, reserved } },
      )
    }
    const start = this.#next + this.#skipped
    const word = DATA + ((start & (this.#capacity - 1)) >> 2)
    this.#words[word] = bytes
    this.#words[word + 1] = tag
    this.#next = (start + sizeOf(bytes)) & COUNTER
    this.#reserved = NOTHING
  }

  /** Shows the consumer all that was committed, and wakes it when it waits. */
  publish(): void {
    if (this.#next === this.#tail) return
    this.#tail = this.#next
    Atomics.store(this.#words, TAIL, this.#tail)
    this.#consumerBell.ring()
  }

  /**
   * Blocks until `maxBytes` have room, the bell rings or `timeoutMs` are over; returns whether they have.
   * @throws {MillraceError} as `hasRoom` and {@link SharedBell.wait} do.
   */
  wait(maxBytes: number, timeoutMs?: number): boolean {
    return this.#bell.wait(() => this.hasRoom(maxBytes), timeoutMs)
  }

  /** Like `wait`, without blocking: see {@link SharedBell.waitAsync}. */
  waitAsync(maxBytes: number, timeoutMs?: number): Promise<boolean> {
    return this.#bell.waitAsync(() => this.hasRoom(maxBytes), timeoutMs)
  }

  #sizeOf(maxBytes: number): number {
    if (!(maxBytes >= 0 && maxBytes <= this.maxRecordBytes)) throw this.#tooLarge(maxBytes)
    return sizeOf(maxBytes)
  }

  /** The rest of the ring, where a record of `size` does not fit into it. */
  #skippedBy(size: number): number {
    const toEnd = this.#capacity - (this.#next & (this.#capacity - 1))
    return size <= toEnd ? 0 : toEnd
  }

  #fits(need: number): boolean {
    if (need <= this.#capacity - ((this.#next - this.#head) & COUNTER) || this.#look(need)) return true
    this.publish()
    return false
  }

  /** Loads the consumer's counter: it may only have moved on, and not past what was published. */
  #look(need: number): boolean {
    const head = Atomics.load(this.#words, HEAD)
    const used = (this.#next - head) & COUNTER
    const unpublished = (this.#next - this.#tail) & COUNTER
    if ((head & STRAY) !== 0 || used > ((this.#next - this.#head) & COUNTER) || used < unpublished) {
      throw this.#corrupt(head)
    }
    this.#head = head
    return need <= this.#capacity - used
  }

  #corrupt(head: number): MillraceError {
    return corrupt('SharedRingProducer', `the consumer cannot be at ${head}, the records end at ${this.#tail}`, {
      head,
      tail: this.#tail,
    })
  }

  #tooLarge(bytes: number): MillraceError {
    const { maxRecordBytes } = this
    return new MillraceError(
      'RING_RECORD_TOO_LARGE',
      `SharedRingProducer: a record of ${bytes} bytes never fits, the largest has ${maxRecordBytes}; ` +
        'make the ring with a larger capacityBytes, or send the payload in parts',
      { detail: { bytes, maxRecordBytes, capacityBytes: this.#capacity } },
    )
  }
}
