import { MillraceError, VirtualClock } from '@millrace/kernel'
import { expect } from 'vitest'
import {
  BatchController,
  type BatchControllerOptions,
  type BatchSystem,
  BatchType,
  type JobFailure,
  type SystemId,
  type SystemRun,
} from '../../src/index.ts'

export const nothing = () => {}
/** Until every microtask has run. */
export const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

/** A controller beside whose bad systems a good one runs, once a frame. */
export function open(options: BatchControllerOptions = {}) {
  const clock = new VirtualClock()
  const controller = new BatchController({ clock, clockTickMs: 0, ...options })
  const failures: JobFailure[] = []
  controller.jobFailed.subscribe((failure) => failures.push(failure))
  let good = 0
  controller.register({ name: 'good', type: BatchType.Transform, cost: 0.01, run: () => void good++ })
  /** Registers a system that runs what is submitted to it. */
  const add = <Output>(
    run: SystemRun<unknown, Output>,
    rest: Partial<BatchSystem<unknown, Output>> = {},
  ): SystemId<unknown, Output> =>
    controller.register({ name: 'bad', type: BatchType.AI, cost: 0.1, recurring: false, run, ...rest })
  /** Runs so many frames, in each of which the good system has its turn, and what was awaited settles behind it. */
  const frames = async (count: number) => {
    for (let frame = 0; frame < count; frame++) {
      const before = good
      controller.runFrame()
      clock.advance(10)
      await settled()
      expect(good).toBe(before + 1)
    }
  }
  return { clock, controller, failures, add, frames }
}

/** What a promise has come to by now. */
export function watch(promise: Promise<unknown>): { readonly ended: unknown[] } {
  const ended: unknown[] = []
  promise.then(
    (value) => ended.push(value),
    (error) => ended.push(error instanceof MillraceError ? error.code : error),
  )
  return { ended }
}

/** The code that a call throws. */
export function codeOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error instanceof MillraceError ? error.code : error
  }
}

export function never(thrown: unknown): never {
  throw thrown
}

/** What a job comes to in a few frames. */
export async function endOf(promise: Promise<unknown>, frames: (count: number) => Promise<void>): Promise<unknown> {
  const { ended } = watch(promise)
  await frames(6)
  expect(ended).toHaveLength(1)
  return promise
}
