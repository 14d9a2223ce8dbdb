import { TreeReader } from '../../../src/languages/tree-reader.ts'
import type { Processor } from '../../../src/processor/processor.ts'

const trees = new TreeReader({ maxHeapMb: 48 })

/** The trees of `huge.py`, in memory that it fills: its grammar breaks down. All other files are left to the next processor. */
export default {
  name: 'narrow-grammar',
  version: '1',
  match: ({ path }) => path.endsWith('huge.py'),
  process: (input) => trees.read(input),
} satisfies Processor
