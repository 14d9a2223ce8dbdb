import { VirtualClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import {
  BatchController,
  type BatchControllerOptions,
  BatchProcessingPlugin,
  BatchType,
  batchPerformanceMonitorSystem,
  createJobRing,
  driveFrames,
  fixedStep,
  messageFrames,
  receiveJobs,
  registerBatchSystem,
  timerFrames,
} from '../src/index.ts'

const nothing = () => {}

function open(options: BatchControllerOptions = {}): BatchController {
  return new BatchController({ clock: new VirtualClock(), clockTickMs: 0, ...options })
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
    [{ maxFailures: 1.5 }, 'maxFailures must be an integer of at least 1 and at most 65535, not 1.5'],
    [{ maxAsyncFrames: '600' }, 'maxAsyncFrames must be an integer of at least 1, not "600"'],
    [{ maxDeltaMs: 0 }, 'maxDeltaMs must be a finite number above 0, not 0'],
    [{ traceSpans: -1 }, 'traceSpans must be an integer of at least 0 and at most 16777216, not -1'],
    [{ clockTickMs: Number.NaN }, 'clockTickMs must be a finite number of at least 0 and at most 1000, not NaN'],
    [{ clock: {} }, 'clock must be an object with now(), such as systemClock, not an object'],
    [{ clock: Date.now }, 'clock must be an object with now(), such as systemClock, not a function'],
  ])('refuses %o', async (options, message) => {
    expect(await messageOf('OPTION_INVALID', () => new BatchController(options))).toBe(`BatchController: ${message}`)
  })

  it('takes as many lanes as it says', () => {
    const lanes = tooMany.slice(1)
    const controller = new BatchController({ lanes, clock: new VirtualClock() })
    for (const lane of lanes) registerBatchSystem(controller, lane, nothing, 0)
    expect(controller.runFrame()).toMatchObject({ jobsProcessed: 64, jobsDeferred: 0 })
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

describe('what stands around a controller', () => {
  it.each<[string, () => unknown]>([
    ['timerFrames: options must be an object, not undefined', () => timerFrames(undefined as never)],
    ['messageFrames: options must be an object, not 60', () => messageFrames(60 as never)],
    ['fixedStep: options must be an object, not 16', () => fixedStep(timerFrames({ fps: 60 }), 16 as never)],
    ['createJobRing: options must be an object, not 1024', () => createJobRing(1024 as never)],
    ['JobInbox: options must be an object, not null', () => receiveJobs(open(), [], null as never)],
    ['BatchProcessingPlugin: options must be an object, not null', () => new BatchProcessingPlugin(null as never)],
    [
      'BatchProcessingPlugin: systems.walk must be an object, not a function',
      () => new BatchProcessingPlugin({ systems: { walk: nothing as never } }),
    ],
    [
      'batchPerformanceMonitorSystem: tracker must be an object with track(), not a function',
      () => batchPerformanceMonitorSystem(open(), nothing as never),
    ],
    [
      'batchPerformanceMonitorSystem: everyFrames must be an integer of at least 1, not 0',
      () => batchPerformanceMonitorSystem(open(), { track: nothing }, { everyFrames: 0 }),
    ],
  ])('is refused: %s', async (message, make) => {
    expect(await messageOf('OPTION_INVALID', make)).toBe(message)
  })
})
