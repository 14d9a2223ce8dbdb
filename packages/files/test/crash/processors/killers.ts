import type { Processor } from '../../../src/processor/processor.ts'

let greed: unknown[] = []

/** Two files that no processor survives, told by their names; all others are left to the next processor. */
export default {
  name: 'killers',
  version: '1',
  match: ({ path }) => path.endsWith('endless.js') || path.endsWith('greedy.js'),
  process({ file }) {
    if (file.path.endsWith('greedy.js')) for (;;) greed = [greed, new Array(100_000).fill(file.path)]
    for (;;) greed = []
  },
} satisfies Processor
