import { VirtualClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import {
  BatchController,
  type BatchControllerOptions,
  BatchType,
  batchDispatcherSystem,
  type SystemFrame,
} from '../src/index.ts'

function open(options: BatchControllerOptions = {}) {
  const clock = new VirtualClock()
  const controller = new BatchController({ clock, clockTickMs: 0, ...options })
  const frames = async (count: number) => {
    for (let frame = 0; frame < count; frame++) {
      clock.advance(16)
      controller.runFrame()
      for (let turn = 0; turn < 8; turn++) await null
    }
  }
  return { clock, controller, frames }
}

describe('a recurring system', () => {
  it('has a job in every frame, or in every so many, and is told of the frame', async () => {
    const { controller, frames } = open({ maxDeltaMs: 10 })
    const ran: [number, number][] = []
    let third = 0
    controller.register({ type: BatchType.AI, cost: 0, run: ({ index, deltaMs }) => void ran.push([index, deltaMs]) })
    controller.register({ type: BatchType.AI, cost: 0, everyFrames: 3, run: () => void third++ })
    await frames(7)
    expect(ran).toEqual([1, 2, 3, 4, 5, 6, 7].map((index) => [index, index === 1 ? 0 : 10]))
    expect(third).toBe(3)
  })

  it('has no second job while the first is under way', async () => {
    const { clock, controller, frames } = open()
    let begun = 0
    controller.register({
      type: BatchType.AI,
      cost: 0.9,
      *run() {
        begun++
        for (let step = 0; step < 3; step++) {
          clock.advance(2)
          yield
        }
      },
    })
    await frames(1)
    expect(controller.totalQueuedJobs).toBe(1)
    await frames(3)
    expect(begun).toBe(1)
    await frames(6)
    expect(begun).toBeGreaterThan(1)
    expect(begun).toBeLessThan(4)
  })

  it('ends with unregister, in the midst of its run too', async () => {
    const { controller, frames } = open()
    let runs = 0
    const id = controller.register({
      type: BatchType.AI,
      cost: 0,
      run: () => {
        if (++runs === 3) controller.unregister(id)
      },
    })
    await frames(10)
    expect([runs, controller.totalQueuedJobs, controller.describe()]).toEqual([3, 0, []])
    expect(controller.stats).toMatchObject({ jobsQueued: 3, jobsProcessed: 3 })
  })
})

describe('a submitted job', () => {
  it('runs in the next frame, with its input, and resolves with its output', async () => {
    const { controller, frames } = open()
    const id = controller.register<number, number>({
      type: BatchType.AI,
      cost: 0.1,
      recurring: false,
      run: (_, n) => n * 2,
    })
    const output = controller.run(id, 21)
    expect([controller.queueDepth(BatchType.AI), controller.totalQueuedJobs]).toEqual([1, 1])
    expect(controller.jobs(BatchType.AI)).toEqual([
      { jobId: 0, systemId: id, weightCost: 0.1, createdAt: 0, waitedFrames: 0 },
    ])
    await frames(1)
    expect(await output).toBe(42)
    expect(controller.totalQueuedJobs).toBe(0)
  })

  it('in steps goes on within budgets, and resolves with what it returns', async () => {
    const { clock, controller, frames } = open()
    const steps: number[] = []
    const id = controller.register({
      type: BatchType.AI,
      cost: 0.4,
      recurring: false,
      *run({ index: _index }) {
        for (let step = 0; step < 6; step++) {
          steps.push(controller.stats.frames)
          clock.advance(1)
          yield
        }
        return 'done'
      },
    })
    const output = controller.run(id)
    await frames(10)
    expect(await output).toBe('done')
    for (const frame of new Set(steps)) expect(steps.filter((other) => other === frame).length).toBeLessThanOrEqual(2)
  })

  it('that is async is charged for what follows its turns', async () => {
    const { clock, controller, frames } = open()
    const turnsIn: number[] = []
    const id = controller.register({
      type: BatchType.Transform,
      cost: 0.1,
      recurring: false,
      async run(frame: SystemFrame) {
        for (let turn = 0; turn < 50; turn++) {
          await frame.turn()
          turnsIn.push(frame.index)
          clock.advance(2)
        }
        return turnsIn.length
      },
    })
    let filled = 0
    controller.register({ type: BatchType.Physics, cost: 0.1, run: fill })
    function* fill() {
      for (;;) {
        clock.advance(0.1)
        filled += 0.1
        yield
      }
    }
    const output = controller.run(id)
    await frames(100)
    expect(await output).toBe(50)
    expect(new Set(turnsIn).size).toBe(50)
    expect(filled + 2 * 50).toBeLessThanOrEqual(100 * 2.5 + 2)
    expect(filled + 2 * 50).toBeGreaterThan(100 * 2.5 * 0.8)
  })

  it('is cancelled while it waits, between two steps, and while it is away, and its finally runs', async () => {
    const { clock, controller, frames } = open()
    const ended: string[] = []
    const waiting = controller.register({
      type: BatchType.AI,
      cost: 0,
      recurring: false,
      run: () => void ended.push('ran'),
    })
    const stepping = controller.register({
      type: BatchType.AI,
      cost: 1,
      recurring: false,
      *run() {
        try {
          for (;;) {
            clock.advance(3)
            yield
          }
        } finally {
          ended.push('finally')
        }
      },
    })
    const away = controller.register({
      type: BatchType.AI,
      cost: 0,
      recurring: false,
      run: () => new Promise(() => {}),
    })
    const abort = new AbortController()
    const outputs = [controller.run(stepping), controller.run(away, undefined, { signal: abort.signal })]
    const steppingJob = controller.jobs(BatchType.AI)[0]!.jobId
    await frames(12)
    const last = controller.run(waiting)
    const waitingJob = controller.jobs(BatchType.AI).at(-1)!.jobId
    expect(controller.cancel(waitingJob)).toBe(true)
    expect(controller.cancel(waitingJob)).toBe(false)
    expect(controller.cancel(steppingJob)).toBe(true)
    abort.abort(new Error('changed my mind'))
    await messageOf('JOB_CANCELLED', () => last)
    await messageOf('JOB_CANCELLED', () => outputs[0])
    await expect(outputs[1]).rejects.toThrow('changed my mind')
    expect(ended).toEqual(['finally'])
    expect(controller.stats).toMatchObject({ jobsQueued: 3, jobsCancelled: 3 })
  })
})

describe('a job that throws', () => {
  const failing = (options: BatchControllerOptions = {}) => {
    const { controller, frames } = open({ maxFailures: 3, ...options })
    const ran: string[] = []
    const told: unknown[] = []
    let bad: readonly string[] = ['b']
    const id = controller.register<string, void>({
      type: BatchType.AI,
      cost: 0,
      recurring: false,
      run(_, name) {
        ran.push(name)
        if (bad.includes(name)) throw new Error(name)
      },
    })
    controller.jobFailed.subscribe(({ jobId, failuresInRow, willRetry }) =>
      told.push([jobId, failuresInRow, willRetry]),
    )
    controller.systemSuspended.subscribe(({ failuresInRow }) => told.push(failuresInRow))
    const mend = () => {
      bad = []
      return ran.splice(0)
    }
    return { controller, frames, id, ran, told, mend }
  }

  it('is tried again in the next frame, first of all, and then is over, beside others that do well too', async () => {
    const { controller, frames, id, ran } = failing()
    const outputs = [...'abc'].map((name) => controller.run(id, name))
    await frames(1)
    controller.submit(id, 'd')
    await frames(5)
    expect(ran.join('')).toBe('abcbdb')
    await expect(outputs[1]).rejects.toThrow('b')
    expect(controller.stats).toMatchObject({ jobsQueued: 4, jobsProcessed: 3, jobsFailed: 1, failures: 3 })
    expect(controller.describe()[0]).toMatchObject({ state: 'active', failures: 3 })
  })

  it('suspends a system that only throws, whose other jobs wait, and run in their order when it is resumed', async () => {
    const { controller, frames, id, told, mend } = failing()
    for (const name of 'bbb') controller.submit(id, name)
    await frames(1)
    expect(told).toEqual([[0, 1, true], [1, 2, true], [2, 3, false], 3])
    for (const name of 'xyz') controller.submit(id, name)
    await frames(3)
    expect(controller.describe()[0]).toMatchObject({ state: 'suspended', failuresInRow: 3 })
    expect(mend().join('')).toBe('bbb')
    expect(controller.totalQueuedJobs).toBe(5)
    controller.resume(id)
    await frames(1)
    expect(mend().join('')).toBe('bbxyz')
    expect(controller.stats).toMatchObject({ jobsProcessed: 5, jobsFailed: 1 })
  })

  it('harms nobody but a listener that throws itself', async () => {
    const { controller, frames, id } = failing()
    const uncaught: unknown[] = []
    const listen = (error: unknown) => uncaught.push(error)
    process.prependOnceListener('uncaughtException', listen)
    const others = process.listeners('uncaughtException').filter((other) => other !== listen)
    for (const other of others) process.off('uncaughtException', other as never)
    try {
      controller.jobFailed.subscribe(() => {
        throw new Error('a listener')
      })
      controller.submit(id, 'b')
      controller.submit(id, 'c')
      await frames(1)
      await new Promise((resolve) => setImmediate(resolve))
      expect(uncaught).toEqual([expect.objectContaining({ code: 'LISTENER_FAILED' })])
      expect(controller.stats).toMatchObject({ jobsProcessed: 1, failures: 1 })
    } finally {
      for (const other of others) process.on('uncaughtException', other as never)
    }
  })
})

describe('a full queue', () => {
  const full = (whenFull: 'drop-oldest' | 'drop-lowest') => {
    const { controller, frames } = open({ maxQueuedJobs: 3, whenFull })
    const ran: string[] = []
    const dropped: number[] = []
    controller.jobDropped.subscribe(({ jobId }) => dropped.push(jobId))
    const register = (type: BatchType) =>
      controller.register<string, void>({ type, cost: 0, recurring: false, run: (_, name) => void ran.push(name) })
    return { controller, frames, ran, dropped, urgent: register(BatchType.Transform), idle: register(BatchType.AI) }
  }

  it('drops the oldest of all, and tells who waits for it', async () => {
    const { controller, frames, ran, dropped, urgent, idle } = full('drop-oldest')
    const first = controller.run(urgent, 'a')
    for (const name of 'bc') controller.submit(idle, name)
    controller.submit(idle, 'd')
    controller.submit(urgent, 'e')
    await messageOf('JOB_DROPPED', () => first)
    await frames(1)
    expect(ran.join('')).toBe('ecd')
    expect(dropped).toEqual([0, 1])
    expect(controller.stats).toMatchObject({ jobsQueued: 5, jobsProcessed: 3, jobsDropped: 2 })
  })

  it('drops the oldest of the least urgent lane, and refuses what is less urgent than all', async () => {
    const { controller, frames, ran, urgent, idle } = full('drop-lowest')
    controller.submit(urgent, 'a')
    for (const name of 'bc') controller.submit(idle, name)
    controller.submit(urgent, 'd')
    controller.submit(urgent, 'e')
    await messageOf('GATE_FULL', () => controller.submit(idle, 'f'))
    await frames(1)
    expect(ran.join('')).toBe('ade')
  })
})

describe('a controller', () => {
  it('takes a new budget from the next frame on', () => {
    const { clock, controller } = open()
    const id = controller.register({
      type: BatchType.AI,
      cost: 0.4,
      recurring: false,
      run: () => {
        controller.budgetMs = 5
        clock.advance(1)
      },
    })
    for (let job = 0; job < 30; job++) controller.submit(id)
    expect(controller.runFrame()).toMatchObject({ budgetMs: 2.5, allowedMs: 2.5 })
    expect(controller.runFrame().budgetMs).toBe(5)
    expect(controller.runFrame({ budgetMs: 1 }).budgetMs).toBe(1)
    expect(controller.runFrame().jobsProcessed).toBeGreaterThan(2)
  })

  it('reports a frame, and the same object each time', () => {
    const { clock, controller } = open({ budgetMs: 2 })
    const id = controller.register({ type: BatchType.AI, cost: 0.5, recurring: false, run: () => clock.advance(5) })
    for (let job = 0; job < 2; job++) controller.submit(id)
    const report = controller.runFrame()
    expect(report).toEqual({
      index: 1,
      usedMs: 5,
      allowedMs: 2,
      budgetMs: 2,
      debtMs: 3,
      jobsProcessed: 1,
      jobsDeferred: 1,
    })
    expect(controller.runFrame()).toBe(report)
    expect(controller.stats).toMatchObject({ frames: 2, budgetViolations: 2, maxOverrunMs: 3 })
  })

  it('moves a system to another lane with the jobs that it will have', async () => {
    const { controller, frames } = open()
    const ran: string[] = []
    const register = (type: BatchType) =>
      controller.register<string, void>({ type, cost: 0, recurring: false, run: (_, name) => void ran.push(name) })
    const [moved, stays] = [register(BatchType.AI), register(BatchType.Physics)]
    controller.submit(moved, 'a')
    controller.setType(moved, BatchType.Transform)
    controller.submit(stays, 'b')
    controller.submit(moved, 'c')
    await frames(1)
    expect(ran.join('')).toBe('cba')
    expect(controller.describe()[0]!.type).toBe(BatchType.Transform)
  })

  it('drains, and closes when what was submitted is over', async () => {
    const { clock, controller, frames } = open()
    const id = controller.register({ type: BatchType.AI, cost: 0.8, recurring: false, run: () => clock.advance(2) })
    let beats = 0
    controller.register({ type: BatchType.AI, cost: 0, run: () => void beats++ })
    await controller.drain()
    for (let job = 0; job < 3; job++) controller.submit(id)
    let drained = false
    const closed = controller.close().then(() => {
      drained = true
    })
    await frames(2)
    expect(drained).toBe(false)
    await messageOf('CONTROLLER_CLOSED', () => controller.submit(id))
    await frames(2)
    await closed
    await controller[Symbol.asyncDispose]()
    expect([beats, controller.totalQueuedJobs, controller.stats.jobsCancelled]).toEqual([0, 0, 0])
  })

  it('is run by its dispatcher system, and not by its own systems', async () => {
    const { controller } = open()
    let error: unknown
    controller.register({
      type: BatchType.AI,
      cost: 0,
      run: async () => {
        error = await messageOf('FRAME_REENTERED', () => controller.runFrame())
      },
    })
    batchDispatcherSystem(controller)
    await null
    expect(controller.stats.frames).toBe(1)
    expect(error).toMatch('a frame is running')
  })

  it('shows its work in the trace: a track a lane, nothing twice at a time', async () => {
    const { clock, controller, frames } = open({ traceSpans: 1000 })
    for (const [type, ms] of [
      [BatchType.Transform, 0.4],
      [BatchType.AI, 0.7],
    ] as const) {
      controller.register({ name: `takes ${ms}`, type, cost: 0.2, run: () => clock.advance(ms) })
    }
    await frames(50)
    const spans: [string, string, number, number][] = []
    const { trace } = controller
    trace!.readFrom(0, (track, name, start, end) =>
      spans.push([trace!.tracks[track]!, trace!.textOf(name), start, end]),
    )
    expect(spans.length).toBe(100)
    expect(spans[0]).toEqual([BatchType.Transform, 'takes 0.4', 16, 16.4])
    let last = 0
    for (const [, , start, end] of spans) {
      expect(start).toBeGreaterThanOrEqual(last)
      last = end
    }
  })
})
