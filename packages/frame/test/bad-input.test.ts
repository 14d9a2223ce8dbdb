import { VirtualClock } from '@millrace/kernel'
import { describe, expect, it } from 'vitest'
import {
  BatchController,
  type BatchControllerOptions,
  BatchType,
  driveFrames,
  fixedStep,
  messageFrames,
  registerBatchSystem,
  timerFrames,
} from '../src/index.ts'
import { messageOf } from './property.ts'

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

describe('the options of a controller', () => {
  const tooMany = Array.from({ length: 65 }, (_, lane) => `lane ${lane}`)
  it.each<[Record<string, unknown>, string]>([
    [{ budgetMs: Number.NaN }, 'budgetMs must be a finite number above 0 and at most 1000, not NaN'],
    [{ budgetMs: 0 }, 'budgetMs must be a finite number above 0 and at most 1000, not 0'],
    [{ budgetMs: -2.5 }, 'budgetMs must be a finite number above 0 and at most 1000, not -2.5'],
    [{ budgetMs: 1e9 }, 'budgetMs must be a finite number above 0 and at most 1000, not 1000000000'],
    [{ budgetMs: '2.5' }, 'budgetMs must be a finite number above 0 and at most 1000, not "2.5"'],
    [{ target: 61 }, 'target must be one of 60, 72, 90, 120, 144 frames a second, not 61'],
    [{ target: '60' }, 'target must be one of 60, 72, 90, 120, 144 frames a second, not "60"'],
    [{ target: Symbol('60') }, 'target must be one of 60, 72, 90, 120, 144 frames a second, not Symbol(60)'],
    [{ lanes: 'AI' }, 'lanes must be an array of names, not "AI"'],
    [{ lanes: [] }, 'lanes.length must be an integer of at least 1 and at most 64, not 0'],
    [{ lanes: tooMany }, 'lanes.length must be an integer of at least 1 and at most 64, not 65'],
    [{ lanes: ['a', 'b', 'a'] }, 'lane a is there twice; give each a name of its own'],
    [{ lanes: [''] }, 'a lane needs a name, not ""'],
    [{ lanes: [null] }, 'a lane needs a name, not null'],
    [{ lanes: new Array(2) }, 'a lane needs a name, not undefined'],
    [{ lanes: [Symbol('a')] }, 'a lane needs a name, not Symbol(a)'],
    [
      { lanes: [{ name: 'a', weight: 0 }] },
      'weight of lane a must be a finite number above 0 and at most 1000000, not 0',
    ],
    [{ lanes: [{ name: 'a', order: 'best' }] }, 'order of lane a must be one of "fifo", "value", not "best"'],
    [
      { lanes: [{ name: 'a', executor: {} }] },
      'executor of lane a must have run() and a width above 0, as pool.executor has',
    ],
    [{ policy: 'fair' }, 'policy must be one of "strict", "shared", not "fair"'],
    [{ maxWaitFrames: 0 }, 'maxWaitFrames must be an integer of at least 1, not 0'],
    [{ agedShare: 1.5 }, 'agedShare must be a finite number above 0 and at most 1, not 1.5'],
    [{ lookAhead: 65 }, 'lookAhead must be an integer of at least 1 and at most 64, not 65'],
    [{ maxQueuedJobs: 0 }, 'maxQueuedJobs must be an integer of at least 1 and at most 16777216, not 0'],
    [{ whenFull: 'wait' }, 'whenFull must be one of "reject", "drop-oldest", "drop-lowest", not "wait"'],
    [{ maxFailures: 1.5 }, 'maxFailures must be an integer of at least 1, not 1.5'],
    [{ maxAsyncFrames: '600' }, 'maxAsyncFrames must be an integer of at least 1, not "600"'],
    [{ maxDeltaMs: 0 }, 'maxDeltaMs must be a finite number above 0, not 0'],
    [{ traceSpans: -1 }, 'traceSpans must be an integer of at least 0 and at most 16777216, not -1'],
    [{ clockTickMs: Number.NaN }, 'clockTickMs must be a finite number of at least 0 and at most 1000, not NaN'],
    [{ clock: {} }, 'clock must be an object with now(), such as systemClock, not an object'],
    [{ clock: Date.now }, 'clock must be an object with now(), such as systemClock, not a function'],
  ])('refuses %o', async (options, message) => {
    expect(await messageOf('OPTION_INVALID', () => new BatchController(options))).toBe(`BatchController: ${message}`)
  })

  it('refuses what are no options', async () => {
    const message = await messageOf('OPTION_INVALID', () => new BatchController(null as never))
    expect(message).toBe('BatchController: options must be an object, not null')
    await messageOf('OPTION_INVALID', () => new BatchController(2.5 as never))
  })

  it('refuses a wrong budget later, and keeps the one it has', async () => {
    const controller = open()
    for (const budgetMs of [Number.NaN, 0, -1, 1e300, '3', null] as never[]) {
      await messageOf('OPTION_INVALID', () => {
        controller.budgetMs = budgetMs
      })
    }
    expect(controller.budgetMs).toBe(2.5)
  })
})

describe('a registration', () => {
  const run = function walk() {}
  const type = BatchType.AI
  it.each<[string, unknown, string]>([
    [
      'SYSTEM_INVALID',
      null,
      'BatchController: register() takes an object with `type`, `cost` and a function `run`, not null',
    ],
    [
      'SYSTEM_INVALID',
      run,
      'BatchController: register() takes an object with `type`, `cost` and a function `run`, not a function',
    ],
    [
      'SYSTEM_INVALID',
      { run: 5 },
      'BatchController: register() takes an object with `type`, `cost` and a function `run`, not one whose run is 5',
    ],
    [
      'LANE_UNKNOWN',
      { run, type: 'Sound', cost: 0 },
      'BatchController: there is no lane Sound, only Transform, Visibility, Physics, LOD, AI',
    ],
    [
      'LANE_UNKNOWN',
      { run, type: Object.create(null), cost: 0 },
      'BatchController: there is no lane an object, only Transform, Visibility, Physics, LOD, AI',
    ],
    [
      'OPTION_INVALID',
      { run, type },
      'BatchSystem walk: cost must be a finite number of at least 0 and at most 1, not undefined',
    ],
    [
      'OPTION_INVALID',
      { run, type, cost: Number.NaN },
      'BatchSystem walk: cost must be a finite number of at least 0 and at most 1, not NaN',
    ],
    [
      'OPTION_INVALID',
      { run, type, cost: -0.1 },
      'BatchSystem walk: cost must be a finite number of at least 0 and at most 1, not -0.1',
    ],
    [
      'OPTION_INVALID',
      { run, type, cost: 80 },
      'BatchSystem walk: cost must be a finite number of at least 0 and at most 1, not 80',
    ],
    [
      'OPTION_INVALID',
      { run, type, cost: '0.8' },
      'BatchSystem walk: cost must be a finite number of at least 0 and at most 1, not "0.8"',
    ],
    [
      'OPTION_INVALID',
      { run, type, cost: 0, everyFrames: 2 ** 40 },
      'BatchSystem walk: everyFrames must be an integer of at least 1 and at most 1073741824, not 1099511627776',
    ],
    [
      'OPTION_INVALID',
      { run, type, cost: 0, value: -1 },
      'BatchSystem walk: value must be a finite number of at least 0, not -1',
    ],
    [
      'SYSTEM_INVALID',
      { run, type, cost: 0, name: Symbol('s') },
      "BatchController: a system's name must be a string, not Symbol(s)",
    ],
    [
      'SYSTEM_INVALID',
      { run, type, cost: 0, recurring: 'no' },
      'BatchController: walk: recurring must be true or false, not "no"',
    ],
    ['SYSTEM_INVALID', { run, type, cost: 0, feature: 5 }, 'BatchController: walk: feature must be a function, not 5'],
    [
      'SYSTEM_INVALID',
      { run, type, cost: 0, task: '' },
      'BatchController: walk: task must be the name of one of the executor\'s tasks, not ""',
    ],
    [
      'SYSTEM_INVALID',
      { run, type, cost: 0, task: 'paths' },
      'BatchController: walk has a task, and lane AI no executor to run it; give the lane one',
    ],
  ])('is refused with %s: %o', async (code, definition, message) => {
    const controller = open()
    expect(await messageOf(code, () => controller.register(definition as never))).toBe(message)
    expect(controller.describe()).toEqual([])
  })

  it('of a function that is none says so', async () => {
    const message = await messageOf('SYSTEM_INVALID', () => registerBatchSystem(open(), type, 'walk' as never, 0.1))
    expect(message).toContain('not one whose run is "walk"')
  })
})

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

describe('a host', () => {
  it('that is none is refused', async () => {
    const controller = open()
    for (const host of [undefined, null, {}, timerFrames, 60] as never[]) {
      expect(await messageOf('OPTION_INVALID', () => driveFrames(controller, host))).toMatch(
        /^driveFrames: host must have start\(\), as what timerFrames\(\{ fps \}\) returns has, not /,
      )
      await messageOf('OPTION_INVALID', () => fixedStep(host, { stepMs: 16 }))
    }
  })

  it('of a wrong rhythm is refused', async () => {
    for (const fps of [0, -60, Number.NaN, 1e9, '60', null] as never[]) {
      await messageOf('OPTION_INVALID', () => timerFrames({ fps }))
      await messageOf('OPTION_INVALID', () => messageFrames({ fps }))
      await messageOf('OPTION_INVALID', () => fixedStep(timerFrames({ fps: 60 }), { stepMs: fps }))
    }
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
