import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'

/** What tells a damaged result: CRC-32 over path, hash of the contents and record, so that none of the three can be another's. */
export function recordCrc(path: string, hash: string, record: string): number {
  return crc32(record, crc32(hash, crc32(path)))
}

/** The checksum of a row of a large table, over the columns that decide something, in the order of `CHECKSUMS`. */
export function rowCrc(...columns: readonly (string | number | bigint | null)[]): number {
  let text = ''
  for (const column of columns) if (column !== null) text += text === '' ? column : `\0${column}`
  return crc32(text)
}

/** Gives a connection the function by which the schema computes its checksums; to be called before anything is written or checked. */
export function defineChecksums(db: DatabaseSync): void {
  db.function('crc32', { deterministic: true }, (text) => crc32(String(text)))
}
