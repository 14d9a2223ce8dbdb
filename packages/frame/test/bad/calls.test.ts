import { VirtualClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { BatchController, type BatchControllerOptions, BatchType, registerBatchSystem } from '../../src/index.ts'

const nothing = () => {}
const odd = [null, undefined, 5, -1, 0.5, Number.NaN, 2 ** 60, 5n, 'x', Symbol('x'), {}, Object.create(null), nothing]

function open(options: BatchControllerOptions = {}): BatchController {
  return new BatchController({ clock: new VirtualClock(), clockTickMs: 0, ...options })
}

/** A controller with one system to submit to, and the inputs that it was run with. */
function withJobs(options: BatchControllerOptions = {}) {
  const controller = open(options)
  const ran: unknown[] = []
  const id = controller.register<unknown, void>({
    name: 'paths',
    type: BatchType.AI,
    cost: 0.1,
    recurring: false,
    run: (_frame, input) => void ran.push(input),
  })
  return { controller, id, ran }
}

describe('an id', () => {
  it('of another controller, unregistered or made up is refused everywhere, and nothing is queued', async () => {
    const { controller, id } = withJobs()
    const gone = controller.register({ type: BatchType.AI, cost: 0, run: nothing })
    controller.unregister(gone)
    const made = [{ ...id }, structuredClone(id), { index: id.index, name: Symbol('paths') }]
    for (const wrong of [withJobs().id, gone, ...made, ...odd] as never[]) {
      const message = await messageOf('SYSTEM_UNKNOWN', () => controller.submit(wrong))
      expect(message).toMatch(
        /is no system of this controller; use what its register\(\) returned, until unregister\(\)$/,
      )
      await messageOf('SYSTEM_UNKNOWN', () => controller.run(wrong))
      await messageOf('SYSTEM_UNKNOWN', () => controller.unregister(wrong))
      await messageOf('SYSTEM_UNKNOWN', () => controller.resume(wrong))
      await messageOf('SYSTEM_UNKNOWN', () => controller.setType(wrong, BatchType.LOD))
    }
    expect(controller.totalQueuedJobs).toBe(0)
    expect(controller.describe()).toHaveLength(1)
  })

  it('of a recurring system takes no jobs', async () => {
    const controller = open()
    const id = registerBatchSystem(controller, BatchType.AI, function walk() {}, 0.1)
    expect(await messageOf('SYSTEM_RECURRING', () => controller.submit(id))).toBe(
      'BatchController: walk has a job every frame by itself; register it with recurring: false to submit jobs',
    )
    await messageOf('SYSTEM_RECURRING', () => controller.run(id))
  })
})

describe('a lane', () => {
  it('that there is none of is refused by name', async () => {
    const { controller, id } = withJobs()
    for (const wrong of ['Sound', '', 'ai', 0, null, undefined, Symbol('AI'), Object.create(null)] as never[]) {
      await messageOf('LANE_UNKNOWN', () => controller.queueDepth(wrong))
      await messageOf('LANE_UNKNOWN', () => controller.jobs(wrong))
      await messageOf('LANE_UNKNOWN', () => controller.setWeight(wrong, 1))
      await messageOf('LANE_UNKNOWN', () => controller.setType(id, wrong))
      await messageOf('LANE_UNKNOWN', () => controller.setOrder([wrong, ...Object.values(BatchType).slice(1)]))
    }
  })

  it('that is missing or twice in an order leaves the order as it was', async () => {
    const { controller } = withJobs()
    for (const wrong of [null, undefined, 'AI', [], ['AI'], ['AI', 'AI', 'LOD', 'Physics', 'Visibility']] as never[]) {
      expect(await messageOf('OPTION_INVALID', () => controller.setOrder(wrong))).toBe(
        'BatchController: setOrder needs an array with each of the 5 lanes once',
      )
    }
  })

  it('has a weight that shares can be made of', async () => {
    const controller = open({ policy: 'shared' })
    for (const wrong of [Number.NaN, 0, -1, 1e308, Number.POSITIVE_INFINITY, '1', null] as never[]) {
      await messageOf('OPTION_INVALID', () => controller.setWeight('AI', wrong))
    }
    controller.setWeight('AI', 1e6)
    controller.setWeight('LOD', 5e-324)
    registerBatchSystem(controller, 'AI', nothing, 0.1)
    registerBatchSystem(controller, 'LOD', nothing, 0.1)
    for (let frame = 0; frame < 10; frame++) expect(controller.runFrame().jobsProcessed).toBe(2)
  })
})

describe('a job', () => {
  it('is not cancelled by what names none', () => {
    const { controller, id, ran } = withJobs()
    const jobId = controller.submit(id, 'kept')
    for (const wrong of [...odd, jobId + 1, jobId + 16, -jobId - 1, String(jobId), Promise.resolve(jobId)] as never[]) {
      expect(controller.cancel(wrong)).toBe(false)
    }
    controller.runFrame()
    expect(controller.cancel(jobId)).toBe(false)
    expect(ran).toEqual(['kept'])
  })

  it('of a recurring system is not cancelled between two frames', () => {
    const controller = open()
    let runs = 0
    registerBatchSystem(controller, 'AI', () => void runs++, 0.1)
    for (let frame = 1; frame <= 20; frame++) {
      controller.runFrame()
      for (let jobId = 0; jobId < 32; jobId++) expect(controller.cancel(jobId)).toBe(false)
      expect(controller.totalQueuedJobs).toBe(0)
      expect(runs).toBe(frame)
    }
  })

  it('with a signal that is none is refused', async () => {
    const { controller, id } = withJobs()
    for (const signal of [null, 5, 'x', {}, new AbortController(), nothing] as never[]) {
      expect(await messageOf('OPTION_INVALID', () => controller.submit(id, 1, { signal }))).toMatch(
        /^submit: signal must be an AbortSignal, such as controller\.signal, not /,
      )
    }
    expect(controller.totalQueuedJobs).toBe(0)
  })

  it('whose signal has aborted is not queued: its caller has the reason', async () => {
    const { controller, id } = withJobs({ maxQueuedJobs: 1 })
    const reason = new RangeError('not wanted')
    const signal = AbortSignal.abort(reason)
    expect(() => controller.submit(id, 1, { signal })).toThrow(reason)
    await expect(controller.run(id, 1, { signal })).rejects.toBe(reason)
    await expect(controller.run(id, 1, { signal: AbortSignal.abort() })).rejects.toThrow(DOMException)
    expect(controller.totalQueuedJobs).toBe(0)
    // The refused took no room.
    controller.submit(id, 1)
  })

  it('too many is refused, and says what to do', async () => {
    const { controller, id } = withJobs({ maxQueuedJobs: 2 })
    controller.submit(id, 1)
    controller.submit(id, 2)
    expect(await messageOf('GATE_FULL', () => controller.submit(id, 3))).toBe(
      'BatchController: 2 jobs wait, no room for one of paths; submit less, raise maxQueuedJobs, or choose whenFull',
    )
    await messageOf('GATE_FULL', () => controller.run(id, 3))
  })
})

describe('a frame', () => {
  it('that is told nonsense is refused, or bounded', async () => {
    const { controller } = withJobs()
    const deltas: number[] = []
    registerBatchSystem(controller, 'AI', ({ deltaMs }) => void deltas.push(deltaMs), 0.1)
    for (const frame of [null, 16, 'x', nothing] as never[]) {
      expect(await messageOf('OPTION_INVALID', () => controller.runFrame(frame))).toMatch(
        /^runFrame: takes an object, such as/,
      )
    }
    for (const budgetMs of [Number.NaN, -1, Number.POSITIVE_INFINITY, '3', null] as never[]) {
      await messageOf('OPTION_INVALID', () => controller.runFrame({ budgetMs }))
    }
    expect(deltas).toEqual([])
    for (const deltaMs of [Number.NaN, -5, Number.NEGATIVE_INFINITY, 'x', {}] as never[])
      controller.runFrame({ deltaMs })
    expect(deltas).toEqual([0, 0, 0, 0, 0])
    controller.runFrame({ budgetMs: 0 })
    controller.runFrame({ budgetMs: 1e308 })
    expect(deltas).toHaveLength(7)
  })

  it('after a hidden tab is no giant step', () => {
    const controller = open({ target: 60 })
    const deltas: number[] = []
    registerBatchSystem(controller, 'AI', ({ deltaMs }) => void deltas.push(deltaMs), 0.1)
    controller.runFrame({ deltaMs: 16 })
    const { budgetMs } = controller
    for (const otherMs of [Number.NaN, -1, Number.POSITIVE_INFINITY, 3_600_000])
      controller.runFrame({ deltaMs: 3_600_000, otherMs })
    expect(deltas).toEqual([16, 250, 250, 250, 250])
    expect(controller.budgetMs).toBe(budgetMs)
  })
})

describe('after close()', () => {
  it('nothing is taken any more, and frames do no harm', async () => {
    const { controller, id, ran } = withJobs()
    let runs = 0
    registerBatchSystem(controller, 'AI', () => void runs++, 0.1)
    controller.submit(id, 'before')
    const closed = controller.close()
    const again = controller.close()
    expect(await messageOf('CONTROLLER_CLOSED', () => controller.submit(id, 'after'))).toBe(
      'BatchController: closed, paths takes no more jobs; submit before close()',
    )
    await messageOf('CONTROLLER_CLOSED', () => controller.run(id, 'after'))
    expect(await messageOf('CONTROLLER_CLOSED', () => registerBatchSystem(controller, 'AI', nothing, 0.1))).toBe(
      'BatchController: closed, takes no more systems; register before close()',
    )
    for (let frame = 0; frame < 3; frame++) controller.runFrame()
    await Promise.all([closed, again, controller.close(), controller.drain()])
    expect(ran).toEqual(['before'])
    expect(runs).toBe(0)
  })
})
