import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Processor } from '../../../src/processor/processor.ts'

/** The size of each file, before and after. */
export const REWRITTEN_BYTES = 100

let round = 0

/**
 * While the tree has a file `.rewrite`, each file processed rewrites all of them, the size unchanged: the file in hand has just been read, and the next
 * one is read a moment after it was written.
 */
export default {
  name: 'rewrites',
  version: '1',
  match: ({ path }) => path.endsWith('.js'),
  process({ bytes, absolutePath }) {
    const root = dirname(absolutePath)
    if (existsSync(join(root, '.rewrite'))) {
      const contents = String(round++).padStart(REWRITTEN_BYTES)
      for (const name of readdirSync(root)) {
        if (name.endsWith('.js')) writeFileSync(join(root, name), contents)
      }
    }
    return { size: bytes.length, checksum: crc32(bytes) }
  },
} satisfies Processor
