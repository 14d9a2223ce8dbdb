import { parentPort } from 'node:worker_threads'
import { list } from '../../src/codec/list.ts'
import { number } from '../../src/codec/scalars.ts'
import { string } from '../../src/codec/string.ts'
import { float64Array } from '../../src/codec/typed-arrays.ts'
import { serve } from '../../src/task/serve.ts'
import { defineTask, type TaskContext } from '../../src/task/task.ts'

/** What the workers of these tests serve. */
export const tasks = {
  echo: defineTask({ input: float64Array, output: float64Array, run: (vertices) => vertices }),
  plain: (value: unknown) => value,
  /** Has an input that goes through the window, and an output that does not go through the ring. */
  listed: defineTask({ input: number, run: (count) => Array.from({ length: count }, (_, index) => ({ index })) }),
  fail: defineTask({
    input: string,
    output: number,
    run: (message): number => {
      throw new TypeError(message)
    },
  }),
  failPlain: (thrown: unknown) => {
    throw thrown
  },
  later: defineTask({
    input: number,
    output: number,
    run: async (value) => {
      await new Promise((resolve) => setImmediate(resolve))
      return value + 1
    },
  }),
  laterPlain: async (value: number) => {
    await new Promise((resolve) => setImmediate(resolve))
    return value + 1
  },
  /** Tells that it is half done, then runs until it is cancelled, and says when it saw that. */
  until: defineTask({
    input: number,
    output: number,
    run: (fraction, context) => {
      context.progress(fraction)
      while (!context.cancelled);
      return performance.timeOrigin + performance.now()
    },
  }),
  /** The same, in its event loop. */
  untilHeard: async (fraction: number, context: TaskContext) => {
    context.progress(fraction)
    while (!context.cancelled) await new Promise((resolve) => setImmediate(resolve))
    return 'heard'
  },
  sizes: defineTask({
    input: number,
    output: list(number),
    run: (count) => Array.from({ length: count }, (_, i) => i),
  }),
  /** Gives what its output codec refuses. */
  strange: defineTask({ input: number, output: number, run: (value) => `not ${value}` as unknown as number }),
  unclonable: defineTask({ input: number, run: (value) => () => value }),
  unclonablePlain: () => ({ at: () => 1 }),
  /** Gives the same object each time, changed. */
  counting: (() => {
    const counter = { runs: 0 }
    return () => {
      counter.runs++
      return counter
    }
  })(),
  /** Takes what it was lent away. */
  seize: defineTask({
    input: float64Array,
    output: number,
    run: (vertices) => structuredClone(vertices, { transfer: [vertices.buffer as ArrayBuffer] }).length,
  }),
  exit: defineTask({ input: number, output: number, run: (code): number => process.exit(code) }),
  /** Short, until it ends the worker without a warning. */
  exitBelow0: defineTask({ input: number, output: number, run: (code) => (code < 0 ? process.exit(-code) : code) }),
  throwLater: defineTask({
    input: number,
    output: number,
    run: (value) => {
      setTimeout(() => {
        throw new RangeError(`later ${value}`)
      }, 0)
      return value
    },
  }),
  closePort: () => {
    parentPort?.close()
    return 1
  },
}

if (parentPort !== null) serve(tasks)
