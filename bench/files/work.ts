import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { DiscoveredFile } from '@millrace/files'
import { parseSync } from 'oxc-parser'
import { readInput } from '../../packages/files/src/processor/file-input.ts'
import { syntax } from '../../packages/files/src/processor/syntax.ts'

/** What is done with one file; returns the record as a line of output, or '' where it makes none. */
export type Work = (root: string, file: DiscoveredFile) => string

/** What can be asked of a process. */
export const works = {
  /** What the engine's workers do: read once, hash, parse, analyse, serialise. */
  record(root, file) {
    const input = readInput(root, file, Number.MAX_SAFE_INTEGER)
    return JSON.stringify({ path: file.path, hash: input.hash, ...syntax.process(input) })
  },
  /** Read and parse, the tree left where the parser has it. */
  parse(root, file) {
    parseSync(file.path, readFileSync(`${root}/${file.path}`, 'utf8'))
    return ''
  },
  /** Read and hash. */
  hash(root, file) {
    return hash('sha256', readFileSync(`${root}/${file.path}`), 'hex')
  },
} satisfies Record<string, Work>
