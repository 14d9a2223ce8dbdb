import type { Processor } from '../../../src/processor/processor.ts'

/** A file that ends whoever started this process, told by its name; all others are left to the next processor. */
export default {
  name: 'usurper',
  version: '1',
  match: ({ path }) => path.endsWith('usurper.js'),
  process() {
    process.kill(process.ppid, 'SIGKILL')
    for (;;);
  },
} satisfies Processor
