import { setTimeout as later } from 'node:timers/promises'
import { isMainThread, parentPort } from 'node:worker_threads'
import { float64Array, number, string } from '../src/index.ts'
import { defineTask, type TaskContext } from '../src/task/task.ts'

let turns = 0

/** Tasks of the pool's tests, on threads and on the caller. */
export const tasks = {
  echo: defineTask({ run: (points) => points, input: float64Array, output: float64Array }),
  double: defineTask({ run: (value) => 2 * value, input: number, output: number }),
  fails: defineTask({
    run: (text): string => {
      throw new RangeError(`no ${text}`)
    },
    input: string,
    output: string,
  }),
  async: defineTask({
    run: async (ms: number) => {
      await later(ms)
      return ms
    },
    input: number,
    output: number,
  }),
  /** Runs until it is cancelled, and says so in `flags`. */
  untilCancelled: async (flags: Int32Array, context: TaskContext) => {
    Atomics.add(flags, 0, 1)
    Atomics.notify(flags, 0)
    while (!context.cancelled) await later(1)
    Atomics.store(flags, 1, 1)
    Atomics.notify(flags, 1)
    return 'ended'
  },
  /** Works for so long, and says how many were begun before. */
  turnOf: defineTask({
    run: (ms: number) => {
      const until = performance.now() + ms
      while (performance.now() < until);
      return turns++
    },
    input: number,
    output: number,
  }),
  /** Sees the flag without its event loop. */
  busyUntilCancelled: defineTask({
    run: (_: number, context) => {
      while (!context.cancelled);
      return 1
    },
    input: number,
    output: number,
  }),
  forEver: defineTask({
    run: (_: number): number => {
      for (;;);
    },
    input: number,
    output: number,
  }),
  exit: defineTask({ run: (code: number): number => leave(code), input: number, output: number }),
  exitPlain: (code: number): number => leave(code),
  /** Ends its worker until it was begun so many times. */
  exitUntil: defineTask({
    run: ({ flags, times }: { readonly flags: Int32Array; readonly times: number }) =>
      Atomics.add(flags, 0, 1) < times ? leave(3) : 'survived',
    retryable: true,
  }),
  closesPort: (): number => {
    parentPort?.close()
    return 1
  },
}

function leave(code: number): never {
  if (isMainThread) throw new Error('on the caller')
  return process.exit(code)
}
