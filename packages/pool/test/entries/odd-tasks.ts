import { setTimeout as later } from 'node:timers/promises'
import { isMainThread, parentPort } from 'node:worker_threads'
import { defineTask, float64Array, number, type TaskContext } from '../../src/index.ts'

/** A view of an input, kept beyond the end of its task. */
let kept: Float64Array | undefined

/** In shared memory: how often a task was begun, and whether it may go on. */
export interface Latch {
  readonly begun: Int32Array
  readonly open: Int32Array
}

/** One that was left here by a task, for those whose inputs have a codec. */
let left: Latch | undefined

/** Tasks of users who are careless, unlucky or worse, and two that are neither. */
export const oddTasks = {
  double: defineTask({ run: (value) => 2 * value, input: number, output: number }),
  echo: defineTask({ run: (points) => points, input: float64Array, output: float64Array }),
  plain: (value: unknown) => value,

  overwrites: defineTask({ run: (points) => fill(points), input: float64Array, output: number }),
  keeps: defineTask({
    run: (points) => {
      kept = points
      return points.length
    },
    input: float64Array,
    output: number,
  }),
  /** Goes on while other tasks run. */
  writesLater: () => {
    const points = kept
    if (points !== undefined) setInterval(() => fill(points), 1).unref()
  },
  givesAway: defineTask({
    run: (points) => structuredClone(points.buffer, { transfer: [points.buffer as ArrayBuffer] }).byteLength > 0,
    input: float64Array,
  }),

  throwsNothing: (): never => {
    throw undefined
  },
  throwsProxy: (): never => {
    throw new Proxy({}, traps())
  },
  throwsTrap: (): never => {
    throw Object.defineProperty(new Error(), 'message', { get: () => spring() })
  },
  givesSymbol: () => Symbol('output'),
  givesTrap: () => Object.defineProperty({}, 'then', { get: () => spring() }),
  givesAnother: defineTask({ run: (value: number) => `${value}` as never, input: number, output: number }),

  forEver: defineTask({
    run: (_: number): number => {
      for (;;);
    },
    input: number,
    output: number,
  }),
  leaves: (latch: Latch) => {
    left = latch
  },
  blocks: (latch: Latch, context: TaskContext) => {
    context.progress(0.5)
    return block(latch)
  },
  blocksLeft: defineTask({ run: (value) => (left === undefined ? value : block(left)), input: number, output: number }),
  /** As much as does not fit into a slot. */
  gives: defineTask({
    run: (count: number) => new Float64Array(count).fill(count),
    input: number,
    output: float64Array,
  }),
  allocates: (): number => {
    const all: unknown[] = []
    for (;;) all.push(new Array(100_000).fill(0.5))
  },
  closesPort: (): number => {
    parentPort?.close()
    return 1
  },

  /** For random runs: each of the ways in which a task may end. */
  exits: defineTask({ run: (code: number): number => leave(code), input: number, output: number }),
  exitsOften: defineTask({
    run: (code: number): number => leave(code),
    input: number,
    output: number,
    retryable: true,
  }),
  exitsPlain: (code: number): number => leave(code),
  throws: defineTask({
    run: (value: number): number => {
      throw new RangeError(`no ${value}`)
    },
    input: number,
    output: number,
  }),
  waits: async (ms: number, context: TaskContext) => {
    for (let left = ms; left > 0 && !context.cancelled; left--) await later(1)
    return ms
  },
  works: defineTask({
    run: (ms: number, context) => {
      const until = performance.now() + ms
      while (performance.now() < until && !context.cancelled);
      return ms
    },
    input: number,
    output: number,
  }),
}

function fill(points: Float64Array): number {
  return new Uint8Array(points.buffer).fill(255).length
}

/** Says that it was begun, and keeps its worker until it may go on. */
function block({ begun, open }: Latch): number {
  Atomics.add(begun, 0, 1)
  Atomics.notify(begun, 0)
  Atomics.wait(open, 0, 0)
  return 1
}

/** Of an object that throws, whatever is done with it. */
function traps(): ProxyHandler<object> {
  return { get: spring, has: spring, getPrototypeOf: spring, ownKeys: spring }
}

function spring(): never {
  throw new RangeError('sprung')
}

function leave(code: number): never {
  if (isMainThread) throw new Error('on the caller')
  return process.exit(code)
}
