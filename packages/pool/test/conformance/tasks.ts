import { defineTask, float64Array, number, string, type TaskContext } from '../../src/index.ts'
import { echoes } from './samples.ts'

let begun = 0

/** Tasks for pools on any host. */
export const tasks = {
  double: defineTask({ run: (value) => 2 * value, input: number, output: number }),
  doublePoints: defineTask({ run: (points) => points.map((x) => 2 * x), input: float64Array, output: float64Array }),
  /** A codec for the input alone, and for the output alone. */
  describe: defineTask({ run: (value: number) => ({ value, text: `${value}` }), input: number }),
  lengthOf: defineTask({ run: (value: { readonly text: string }) => value.text.length, output: number }),
  /** None at all. */
  clone: (value: unknown) => value,
  nothing: () => undefined,
  unclonable: () => () => 1,
  /** How many of these this thread has begun. */
  turnOf: defineTask({ run: (_: number) => ++begun, input: number, output: number }),
  fails: defineTask({
    run: (text): string => {
      throw new RangeError(`no ${text}`)
    },
    input: string,
    output: string,
  }),
  later: defineTask({
    run: async (ms) => {
      await wait(ms)
      return ms
    },
    input: number,
    output: number,
  }),
  burn: defineTask({ run: burn, input: number, output: number }),
  progress: async (steps: number, context: TaskContext) => {
    for (let step = 1; step <= steps; step++) {
      context.progress(step / steps)
      await wait(60)
    }
    return steps
  },
  untilCancelled: async (_: undefined, context: TaskContext) => {
    context.progress(0.5)
    while (!context.cancelled) await wait(1)
  },
  /** Sees that it is cancelled without its event loop. */
  busyUntilCancelled: defineTask({
    run: (_: number, context) => {
      context.progress(0.5)
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
  /** Listens to nobody, but not for ever: browsers take two seconds to end what does. */
  stuck: defineTask({ run: (_: number) => burn(150), input: number, output: number }),
  /** Ends its worker, and takes it from no other task. */
  dies: defineTask({ run: (_: number) => fall(), input: number, output: number }),
  diesAgain: defineTask({ run: (_: undefined) => fall(), retryable: true }),
  /** Ends its worker when it is done itself. */
  diesBehind: defineTask({
    run: (value) => {
      void fall()
      return 2 * value
    },
    input: number,
    output: number,
    retryable: true,
  }),
  doubleAgain: defineTask({ run: (value) => 2 * value, input: number, output: number, retryable: true }),
}

/** What workers serve. */
export const served = { ...tasks, ...echoes }

/** An error that nobody catches, of a task that is never done. */
function fall(): Promise<number> {
  setTimeout(() => {
    throw new Error('out of the blue')
  }, 0)
  return new Promise(() => {})
}

function burn(ms: number): number {
  for (const end = performance.now() + ms; performance.now() < end; );
  return ms
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
