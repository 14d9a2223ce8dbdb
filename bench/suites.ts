import { MEMORY_FLAGS } from './harness/memory.ts'

/** A folder here, whose `*.bench.ts` files are its questions. */
export interface Suite {
  readonly about: string
  /** What Node is started with. A system hands it on to its processes, so only what is measured in one has any. */
  readonly nodeFlags: readonly string[]
}

/** What there is to run. */
export const suites: Readonly<Record<string, Suite>> = {
  files: {
    about: 'a job over 24,000 real files beside a hand-written process pool; discovery; planning',
    nodeFlags: [],
  },
  kernel: {
    about: 'ns and bytes per item of each kernel part, beside a bare loop and the libraries people use',
    nodeFlags: MEMORY_FLAGS,
  },
}
