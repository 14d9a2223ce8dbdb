import { MEMORY_FLAGS } from './harness/memory.ts'

/** A folder here, whose `*.bench.ts` files are its questions. */
export interface Suite {
  readonly about: string
  /** What Node is started with. A system hands it on to its processes, so only what is measured in one has any. */
  readonly nodeFlags: readonly string[]
  /** Parts that are slow and only context: they run when named, or with `--all`. */
  readonly whenNamed?: readonly string[]
}

/** What there is to run. */
export const suites: Readonly<Record<string, Suite>> = {
  cluster: {
    about:
      'a job over PostgreSQL beside the embedded one on the same cores; hand-out of batches, recovery after a death',
    nodeFlags: [],
  },
  files: {
    about:
      'a job beside a hand-written process pool; re-runs, resuming, memory, discovery; peers and killers when named',
    nodeFlags: [],
    whenNamed: ['peers', 'killers'],
  },
  fracture: {
    about:
      'cutting beside polygon libraries, fractures a second, 500 objects broken in one frame, what the cache and threads are worth',
    nodeFlags: ['--expose-gc'],
  },
  frame: {
    about: 'frames and jobs: overhead, real systems within a budget, long slices, predictions, tracing, memory',
    nodeFlags: ['--expose-gc'],
  },
  intents: {
    about:
      'durable writes a second into PostgreSQL, what an intent costs, latency, adaptation, poison, shapes of SQL, capacity',
    nodeFlags: ['--expose-gc'],
  },
  kernel: {
    about: 'ns and bytes per item of each kernel part, beside a bare loop and the libraries people use',
    nodeFlags: MEMORY_FLAGS,
  },
  languages: {
    about: 'what a record costs in each language, beside its parser with a bare loop',
    nodeFlags: [],
  },
  pool: {
    about:
      'tasks on other threads: in a flood, one at a time, cancelled, at work, and with a worker that dies; what codecs cost',
    nodeFlags: [],
  },
  pulse: {
    about:
      'what a check costs, beside the least that could be done by hand and undici; a million monitors on time, hanging targets, overload, memory, loading',
    nodeFlags: ['--expose-gc'],
  },
}
