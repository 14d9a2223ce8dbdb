import { BatchController, type BatchControllerOptions, type JobFailure, type RemoteBatchSystem } from '@millrace/frame'
import { VirtualClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { FakeExecutor } from './fake-executor.ts'

type Lane = 'here' | 'away'

/** Ends with all that promises have to say. */
const settled = () => new Promise(setImmediate)

/** A controller with a lane whose tasks a fake executor has, and a system there that notes the results it applies. */
function remote(
  options: Partial<BatchControllerOptions<Lane>> & Partial<RemoteBatchSystem<number, string, Lane>> = {},
) {
  const clock = new VirtualClock()
  const executor = new FakeExecutor()
  const lanes = ['here' as const, { name: 'away' as const, executor }]
  const controller = new BatchController<Lane>({ clock, clockTickMs: 0, budgetMs: 2, ...options, lanes })
  const applied: unknown[] = []
  const system = controller.register<number, string>({
    ...{ name: 'path', type: 'away', cost: 0.01, recurring: false, task: 'find' },
    run: (_, result) => {
      applied.push(result)
      return `applied ${result}`
    },
    ...options,
  })
  const failures: JobFailure[] = []
  controller.jobFailed.subscribe((failure) => failures.push(failure))
  const frames = async (count: number) => {
    for (let frame = 0; frame < count; frame++) {
      controller.runFrame()
      clock.advance(10)
      await settled()
    }
  }
  const inputs = () => executor.calls.map(({ input }) => input)
  return { clock, executor, controller, system, applied, failures, frames, inputs }
}

describe('a lane with an executor', () => {
  it('hands its jobs over in their order, and applies results in frames only', async () => {
    const { executor, controller, system, applied, frames, inputs } = remote()
    executor.width = 2
    const outputs = [1, 2, 3].map((input) => controller.run(system, input))
    expect(executor.calls).toEqual([])
    await frames(1)
    expect(inputs()).toEqual([1, 2, 3])
    expect(executor.calls[0]).toMatchObject({ task: 'find' })
    executor.calls[1]!.resolve('second')
    executor.calls[0]!.resolve('first')
    await settled()
    expect(applied).toEqual([])
    await frames(1)
    expect(applied).toEqual(['second', 'first'])
    executor.calls[2]!.resolve('third')
    await frames(2)

    expect(await Promise.all(outputs)).toEqual(['applied first', 'applied second', 'applied third'])
    expect(controller.stats).toMatchObject({ jobsProcessed: 3, jobsQueued: 3 })
  })

  it('gives it twice as many as run at once, and the others as those are answered', async () => {
    const { executor, controller, system, applied, frames, inputs } = remote()
    executor.width = 2
    for (let input = 0; input < 50; input++) controller.submit(system, input)
    await frames(5)
    expect(executor.open.size).toBe(4)
    for (let turn = 0; turn < 100; turn++) {
      for (const call of [...executor.open].slice(0, 1 + (turn % 3))) call.resolve(call.input)
      await frames(1)
    }

    expect(executor.peak).toBe(4)
    expect(inputs()).toEqual(Array.from({ length: 50 }, (_, input) => input))
    expect(applied).toEqual(inputs())
    expect(controller.totalQueuedJobs).toBe(0)
  })

  it('applies as many results as the budget has room for', async () => {
    const cost = { clock: new VirtualClock() }
    const { executor, controller, system, frames } = remote({ ...cost, run: () => cost.clock.advance(0.5), cost: 0.25 })
    executor.width = 16
    for (let input = 0; input < 32; input++) controller.submit(system, input)
    await frames(32)
    for (const call of executor.open) call.resolve(0)
    await settled()
    let processed = 0
    for (let frame = 0; frame < 20; frame++) {
      const report = controller.runFrame()
      expect(report.usedMs).toBeLessThanOrEqual(2.5)
      processed += report.jobsProcessed
    }

    expect(processed).toBe(32)
  })

  it.each([
    { prepareMs: 0.75, applyMs: 0.01, handed: 2 },
    { prepareMs: 0.01, applyMs: 2.5, handed: 16 },
  ])('plans with what handing over takes, not applying: %j', async ({ prepareMs, applyMs, handed }) => {
    const clock = new VirtualClock()
    const { executor, controller, system, frames } = remote({
      clock,
      prepare: () => clock.advance(prepareMs),
      run: () => clock.advance(applyMs),
    })
    executor.width = 8
    for (let round = 0; round < 2; round++) {
      for (let input = 0; input < 40; input++) controller.submit(system, input)
      for (let frame = 0; round === 0 && frame < 200; frame++) {
        await frames(1)
        for (const call of executor.open) call.resolve(call.input)
        await settled()
      }
    }
    expect(controller.totalQueuedJobs).toBe(40)
    const before = executor.calls.length
    await frames(1)

    expect(executor.calls.length - before).toBe(handed)
  })

  it('is not left for one without an executor', async () => {
    const { controller, system } = remote()

    expect(await messageOf('SYSTEM_INVALID', () => controller.setType(system, 'here'))).toContain('no executor')
    expect(controller.describe()[0]).toMatchObject({ type: 'away' })
  })

  it('makes the task’s input in a frame, of the job’s', async () => {
    const { executor, controller, system, frames, inputs } = remote({ prepare: (frame, input) => [frame.index, input] })
    executor.width = 4
    controller.submit(system, 7)
    await frames(2)
    controller.submit(system, 8)
    await frames(1)

    expect(inputs()).toEqual([
      [1, 7],
      [3, 8],
    ])
  })

  it('has a job of a recurring system again when the last one was applied', async () => {
    const { executor, frames, applied } = remote({ recurring: true })
    await frames(3)
    expect(executor.calls.length).toBe(1)
    executor.calls[0]!.resolve('a')
    await frames(2)
    expect(applied).toEqual(['a'])
    await frames(1)
    expect(executor.calls.length).toBe(2)
  })

  it('keeps what it has of a system that moves to another', async () => {
    const executors = [new FakeExecutor(), new FakeExecutor()] as const
    const lanes = executors.map((executor, lane) => ({ name: `lane ${lane}`, executor }))
    const controller = new BatchController<string>({ clock: new VirtualClock(), clockTickMs: 0, lanes })
    const applied: unknown[] = []
    const system = controller.register<number, unknown>({
      ...{ type: 'lane 0', cost: 0.01, recurring: false, task: 'find' },
      run: (_, result) => applied.push(result),
    })
    for (const input of [0, 1, 2, 3, 4]) controller.submit(system, input)
    controller.runFrame()
    controller.setType(system, 'lane 1')
    controller.runFrame()
    for (const { open } of executors) for (const call of open) call.resolve(call.input)
    await settled()
    for (let frame = 0; frame < 3; frame++) controller.runFrame()

    expect(executors.map(({ calls }) => calls.map(({ input }) => input))).toEqual([
      [0, 1],
      [2, 3, 4],
    ])
    expect(applied).toEqual([0, 1, 2, 3])
  })

  it('leaves other lanes alone while it is full', async () => {
    const { executor, controller, system, frames } = remote()
    let ran = 0
    controller.register({ type: 'here', cost: 0.01, run: () => void ran++ })
    for (let input = 0; input < 50; input++) controller.submit(system, input)
    await frames(40)

    expect(ran).toBe(40)
    expect(executor.open.size).toBe(2)
  })
})

describe('a job that is cancelled while an executor has it', () => {
  it('is not applied; the executor is told, and gets another', async () => {
    const { executor, controller, system, applied, frames, inputs } = remote()
    const stop = new AbortController()
    const output = controller.run(system, 0, { signal: stop.signal })
    output.catch(() => {})
    const cancelled = controller.submit(system, 1)
    for (const input of [2, 3, 4]) controller.submit(system, input)
    await frames(1)
    expect(inputs()).toEqual([0, 1])
    stop.abort(new Error('enough'))
    expect(controller.cancel(cancelled)).toBe(true)
    expect(controller.cancel(cancelled)).toBe(false)
    await frames(1)
    expect(executor.calls.slice(0, 2).map(({ signal }) => signal?.aborted)).toEqual([true, true])
    expect(inputs()).toEqual([0, 1, 2, 3])
    expect(executor.peak).toBe(2)
    for (const call of executor.open) call.resolve(call.input)
    await frames(2)
    for (const call of executor.open) call.resolve(call.input)
    await frames(2)

    await expect(output).rejects.toThrow('enough')
    expect(applied).toEqual([2, 3, 4])
    expect(controller.stats).toMatchObject({ jobsCancelled: 2, jobsProcessed: 3, failures: 0 })
  })

  it('is not applied when it was answered already', async () => {
    const { executor, controller, system, applied, frames } = remote()
    const jobId = controller.submit(system, 0)
    await frames(1)
    executor.calls[0]!.resolve('late')
    await settled()
    expect(controller.cancel(jobId)).toBe(true)
    await frames(2)

    expect(applied).toEqual([])
    expect(executor.calls[0]!.signal?.aborted).toBe(false)
  })

  it('is not heard when it is answered after all', async () => {
    const { executor, controller, system, applied, failures, frames } = remote()
    executor.hears = false
    const jobs = [0, 1].map((input) => controller.submit(system, input))
    await frames(1)
    for (const jobId of jobs) controller.cancel(jobId)
    for (const input of [2, 3]) controller.submit(system, input)
    await frames(1)
    executor.calls[0]!.resolve('late')
    executor.calls[1]!.reject(new Error('late'))
    await frames(1)
    controller.submit(system, 4)
    await frames(3)

    expect(executor.calls.length).toBe(4)
    expect(applied).toEqual([])
    expect(failures).toEqual([])
  })

  it('is one whose system is taken out: while it is away, answered, or prepared', async () => {
    const away = remote()
    away.controller.submit(away.system, 0)
    await away.frames(1)
    away.controller.unregister(away.system)
    await away.frames(1)
    expect(away.executor.calls[0]!.signal?.aborted).toBe(true)

    const answered = remote()
    answered.controller.submit(answered.system, 0)
    await answered.frames(1)
    answered.executor.calls[0]!.resolve('late')
    await settled()
    answered.controller.unregister(answered.system)
    await answered.frames(2)
    expect(answered.applied).toEqual([])

    const prepared = remote({ prepare: () => prepared.controller.unregister(prepared.system), maxAsyncFrames: 3 })
    const output = prepared.controller.run(prepared.system, 0)
    output.catch(() => {})
    await prepared.frames(1)
    for (const call of prepared.executor.calls) call.resolve('late')
    await prepared.frames(5)
    expect(prepared.applied).toEqual([])
    await messageOf('SYSTEM_UNREGISTERED', () => output)

    for (const { controller } of [away, answered, prepared]) {
      expect(controller.totalQueuedJobs).toBe(0)
      await controller.drain()
    }
  })

  it('is one whose signal aborts while its input is prepared', async () => {
    const stop = new AbortController()
    const { executor, controller, system, applied, frames } = remote({ prepare: () => stop.abort(new Error('enough')) })
    const output = controller.run(system, 0, { signal: stop.signal })
    output.catch(() => {})
    await frames(2)
    executor.calls[0]?.resolve('late')
    await frames(2)

    await expect(output).rejects.toThrow('enough')
    expect(applied).toEqual([])
  })
})

describe('a task that fails', () => {
  it('is tried again in the next frame, in its old place, until its system is suspended', async () => {
    const { executor, controller, system, applied, failures, frames, inputs } = remote({ maxFailures: 3 })
    const output = controller.run(system, 1)
    output.catch(() => {})
    controller.submit(system, 2)
    for (const message of ['first', 'second', 'third']) {
      await frames(1)
      executor.calls.at(message === 'first' ? 0 : -1)!.reject(new Error(message))
      await settled()
    }
    await frames(2)

    expect(inputs()).toEqual([1, 2, 1, 1])
    await expect(output).rejects.toThrow('third')
    expect(failures.map(({ failuresInRow, willRetry }) => [failuresInRow, willRetry])).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ])
    expect(controller.describe()[0]).toMatchObject({ state: 'suspended', failures: 3 })
    controller.submit(system, 3)
    executor.calls[1]!.resolve('kept')
    await frames(3)
    expect(inputs()).toEqual([1, 2, 1, 1])
    expect(applied).toEqual([])
    controller.resume(system)
    await frames(2)
    expect(applied).toEqual(['kept'])
    expect(inputs()).toEqual([1, 2, 1, 1, 3])
  })

  it('may fail at once: run throws, or returns no promise', async () => {
    const thrown = remote({ maxFailures: 3 })
    thrown.executor.fault = new Error('no')
    thrown.controller.submit(thrown.system, 1)
    await thrown.frames(5)
    expect(thrown.failures.map(({ error, willRetry }) => [(error as Error).message, willRetry])).toEqual([
      ['no', true],
      ['no', true],
      ['no', false],
    ])
    thrown.executor.fault = undefined
    thrown.controller.resume(thrown.system)
    for (const input of [1, 2, 3]) thrown.controller.submit(thrown.system, input)
    await thrown.frames(1)
    expect(thrown.executor.open.size).toBe(2)

    const plain = remote()
    const answer: unknown = 'at once'
    plain.executor.run = () => answer as Promise<never>
    for (const input of [1, 2, 3, 4, 5]) plain.controller.submit(plain.system, input)
    await plain.frames(6)
    expect(plain.applied).toEqual(Array(5).fill('at once'))
  })

  it('is run again when its result cannot be applied, and when its input cannot be prepared', async () => {
    let tries = 0
    const { executor, controller, system, frames } = remote({
      prepare: (_, input) => {
        if (tries++ === 0) throw new Error('not yet')
        return input
      },
      run: (_, result) => {
        if (result === 'bad') throw new Error(result)
        return result
      },
    })
    const output = controller.run(system, 1)
    await frames(2)
    executor.calls[0]!.resolve('bad')
    await frames(3)
    executor.calls[1]!.resolve('good')
    await frames(2)

    expect(await output).toBe('good')
    expect(executor.calls.length).toBe(2)
  })
})

describe('an executor that never answers', () => {
  it.each([true, false])('has its jobs given up, each in the end: it hears signals %s', async (hears) => {
    const { executor, controller, system, failures, frames } = remote({ maxAsyncFrames: 5 })
    executor.hears = hears
    const outputs = [0, 1, 2, 3, 4].map((input) => controller.run(system, input))
    const ends = Promise.allSettled(outputs)
    await frames(30)

    for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: { code: 'JOB_STALLED' } })
    expect(failures.length).toBe(5)
    expect(executor.calls.every(({ signal }) => signal?.aborted)).toBe(true)
    expect(controller.totalQueuedJobs).toBe(0)
    await controller.drain()
  })

  it('may answer after all, which nobody hears', async () => {
    const { executor, controller, system, applied, frames } = remote({ maxAsyncFrames: 3 })
    executor.hears = false
    controller.submit(system, 1)
    await frames(6)
    executor.calls[0]!.resolve('late')
    for (const input of [2, 3, 4, 5]) controller.submit(system, input)
    await frames(1)

    expect(applied).toEqual([])
    expect(executor.open.size).toBe(2)
  })
})
