import type { ResultRow } from './sink.ts'

/** Turns rows into the bytes of a file, from its first to its last. The same rows must give the same bytes, however they come in pages. */
export interface FileEncoder {
  /** What follows in the file; nothing where it waits for more. */
  write(rows: readonly ResultRow[]): Uint8Array | string
  /** The rest. */
  end(): Uint8Array | string
}
