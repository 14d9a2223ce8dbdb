import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { type AnyExecutor, BatchController, BatchType } from '@millrace/frame'
import { createPool, type Pool } from '@millrace/pool'
import { describe, expect, it } from 'vitest'
import { tasks } from './pool-tasks.ts'

const pools: Record<string, () => Pool<typeof tasks>> = {
  'no thread': () => createPool<typeof tasks>({ threads: 0, tasks }),
  'one thread': () =>
    createPool<typeof tasks>({ threads: 1, worker: () => new Worker(new URL('./pool-worker.ts', import.meta.url)) }),
}

/** The pool as an executor, and the most calls of it that were ever open. */
function counting(pool: Pool<typeof tasks>) {
  const inner: AnyExecutor = pool.executor
  let open = 0
  const counted = {
    peak: 0,
    width: inner.width,
    run: ((task, input, options) => {
      open++
      counted.peak = Math.max(counted.peak, open)
      return inner.run(task, input, options).finally(() => open--)
    }) as AnyExecutor['run'],
    drain: () => inner.drain(),
  }
  return counted
}

/** Frames come as fast as they can, and a worker takes its time to start. What does not fit, on a busy machine, is not overtaken. */
function controllerWith(executor: AnyExecutor): BatchController {
  const lanes = [{ name: BatchType.AI, executor }]
  return new BatchController({ lanes, lookAhead: 1, maxFailures: 3, maxAsyncFrames: 2 ** 30 })
}

async function runUntil<T>(controller: BatchController, end: Promise<T>): Promise<T> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  end.then(over, over)
  while (!isOver) {
    controller.runFrame()
    await turn()
  }
  return end
}

describe.each(Object.keys(pools))('a lane with a pool: %s', (kind) => {
  it('runs its tasks there, and applies each result once, in order', async () => {
    await using pool = pools[kind]!()
    const executor = counting(pool)
    const controller = controllerWith(executor)
    const applied: number[] = []
    const system = controller.register<number, number>({
      ...{ name: 'square', type: BatchType.AI, cost: 0.01, recurring: false, task: 'square' },
      run: (_, result) => {
        applied.push(result)
        return result
      },
    })
    const inputs = Array.from({ length: 60 }, (_, input) => input)
    const outputs = await runUntil(controller, Promise.all(inputs.map((input) => controller.run(system, input))))

    expect(outputs).toEqual(inputs.map((input) => input * input))
    expect(applied).toEqual(outputs)
    expect(executor.peak).toBe(2)
  })

  it('cancels a task that runs, and the next one has its place', async () => {
    await using pool = pools[kind]!()
    const controller = controllerWith(pool.executor)
    const registerOne = (task: keyof typeof tasks) =>
      controller.register<number, number>({
        ...{ name: task, type: BatchType.AI, cost: 0.01, recurring: false, task },
        run: (_, result) => result,
      })
    const [endless, square] = [registerOne('untilCancelled'), registerOne('square')]
    const stop = new AbortController()
    const stuck = Promise.allSettled([1, 2].map((input) => controller.run(endless, input, { signal: stop.signal })))
    const next = controller.run(square, 3)
    for (let frame = 0; frame < 50; frame++) {
      controller.runFrame()
      await turn()
    }
    expect(controller.totalQueuedJobs).toBe(3)
    stop.abort(new Error('enough'))

    expect(await runUntil(controller, next)).toBe(9)
    for (const end of await stuck) expect(end).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
  })

  it('tries again what fails there, and suspends the system', async () => {
    await using pool = pools[kind]!()
    const controller = controllerWith(pool.executor)
    const retries: boolean[] = []
    controller.jobFailed.subscribe(({ willRetry }) => retries.push(willRetry))
    const system = controller.register<string, string>({
      ...{ name: 'fails', type: BatchType.AI, cost: 0.01, recurring: false, task: 'fails' },
      run: () => {},
    })
    const output = controller.run(system, 'luck')

    await expect(runUntil(controller, output)).rejects.toThrow('no luck')
    expect(retries).toEqual([true, true, false])
    expect(controller.describe()).toMatchObject([{ state: 'suspended', failures: 3 }])
  })
})
