import type { SharedBell } from './shared-bell.ts'
import { checkCapacity, DATA_BYTES } from './shared-ring-layout.ts'

/** How much a shared ring holds. */
export interface SharedRingOptions {
  /**
   * Bytes of records, 8 for the header of each included: a power of two, 64 to 2^29. A record has at most half of them.
   * @default 65536
   */
  readonly capacityBytes?: number
}

/**
 * Bells that stand in for the ring's own, so that a thread can wait for several rings at once. Both sides need the
 * same.
 */
export interface SharedRingBells {
  /** Rung when records are published. @default one in the ring */
  readonly consumerBell?: SharedBell
  /** Rung when room is given back. @default one in the ring */
  readonly producerBell?: SharedBell
}

/**
 * The memory of a ring of bytes between two threads: one makes a {@link SharedRingProducer} of it, the other a
 * {@link SharedRingConsumer}. Handed over like any `SharedArrayBuffer`.
 *
 * **Records** lie whole, from a multiple of 8 bytes on: a length and a tag of 32 bits each, the payload, padding. A
 * record that would reach past the end begins at the start, and a mark says so to the consumer.
 *
 * **Order.** First in, first out. Each side may be in one thread at a time; one that ends may be followed by another,
 * which begins where the last had published.
 *
 * **Why the consumer sees whole records.** The producer writes them with plain stores, then publishes where they end by
 * one `Atomics.store`. The consumer reads that by `Atomics.load`. In the memory model of ECMAScript such a load that
 * sees such a store *synchronizes with* it, so that all before the store in the producer *happens before* all after the
 * load in the consumer; plain reads thus see the plain writes, torn or stale in no part. Room goes back in the same
 * way: reads happen before the release that the producer loads, and so before it writes there again. No place is
 * written by one side while the other reads it: the program is free of data races, and the model promises it sequential
 * consistency. Each side waits on a {@link SharedBell}.
 *
 * **Trust.** The other side may be broken. A length, a mark or a counter is read once and checked against the bounds
 * before it is used; what does not fit is `RING_CORRUPT`. A reader never leaves the ring, goes around for ever or gets
 * a negative length. That the payload makes sense is for its codec to check, on a copy where it could change meanwhile.
 * @throws {MillraceError} `OPTION_INVALID` when the capacity is out of bounds.
 */
export function createSharedRing(options: SharedRingOptions = {}): SharedArrayBuffer {
  const { capacityBytes = 65_536 } = options
  return new SharedArrayBuffer(DATA_BYTES + checkCapacity('SharedRing', 'capacityBytes', capacityBytes))
}
