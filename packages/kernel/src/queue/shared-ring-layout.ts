import { MillraceError } from '../errors.ts'
import { checkInteger } from '../options.ts'

/*
 * The first cache line is the producer's, with the word by which it wakes the consumer; the second is the consumer's.
 * Each side writes its own and, unless somebody sleeps, only now and then reads the other's. 128 bytes, not 64: Intel
 * fetches lines in pairs, and Apple's are as long.
 */
const LINE_BYTES = 128

/** Words (of four bytes) of the header: where the records published by the producer end, a counter. */
export const TAIL = 0
/** Where what the consumer gave back ends, a counter. */
export const HEAD = LINE_BYTES / 4
/** Byte offsets of the bells. */
export const CONSUMER_BELL = 4
export const PRODUCER_BELL = LINE_BYTES + 4
/** Where the records are. */
export const DATA_BYTES = 2 * LINE_BYTES
export const DATA = DATA_BYTES / 4

const SMALLEST_CAPACITY = 64
const LARGEST_CAPACITY = 2 ** 29

/** Counters count bytes modulo 2^30, more than any capacity, and stay small integers in every engine. */
export const COUNTER = 2 ** 30 - 1
/** What no counter has: bits above, and places that are not multiples of 8. */
export const STRAY = ~COUNTER | 7

/** Bytes before each payload: its length and its tag. */
export const HEADER_BYTES = 8
/** In place of a length: the rest of the ring up to its end is no record. */
export const SKIP = -1

/** Bytes a record takes, its header and the padding to a multiple of 8 included. */
export function sizeOf(payloadBytes: number): number {
  return (payloadBytes + (HEADER_BYTES + 7)) & ~7
}

/**
 * Bytes of records in `buffer`.
 * @throws {MillraceError} `OPTION_INVALID` when no ring has this size.
 */
export function capacityOf(owner: string, buffer: SharedArrayBuffer): number {
  return checkCapacity(owner, 'buffer.byteLength - 256', buffer.byteLength - DATA_BYTES)
}

/** @throws {MillraceError} `OPTION_INVALID` unless `bytes` is a power of two within bounds. */
export function checkCapacity(owner: string, name: string, bytes: number): number {
  checkInteger(owner, name, bytes, { min: SMALLEST_CAPACITY, max: LARGEST_CAPACITY })
  if ((bytes & (bytes - 1)) !== 0) {
    throw new MillraceError('OPTION_INVALID', `${owner}: ${name} must be a power of two, not ${bytes}`, {
      detail: { owner, option: name, value: bytes },
    })
  }
  return bytes
}

/** What a side throws that finds in shared memory what the other cannot have written in good order. */
export function corrupt(owner: string, what: string, detail: Readonly<Record<string, unknown>>): MillraceError {
  return new MillraceError(
    'RING_CORRUPT',
    `${owner}: the shared memory is damaged: ${what}; end the thread on the other side and make a new ring`,
    { detail },
  )
}
