import { describe, expectTypeOf, it } from 'vitest'
import {
  BatchController,
  type BatchStats,
  BatchType,
  defineBatchSystem,
  defineRemoteBatchSystem,
  driveFrames,
  type FrameDriven,
  type FrameReport,
  type JobId,
  registerBatchSystem,
  type SystemFrame,
  type SystemId,
  timerFrames,
} from '../src/index.ts'

const controller = new BatchController()
const own = new BatchController({ lanes: ['input', { name: 'sound', weight: 2, order: 'value' }], policy: 'shared' })

const walk = registerBatchSystem(controller, BatchType.AI, () => 5, 0.1)
const sync = controller.register({ type: 'AI', cost: 0, recurring: false, run: (_frame, text: string) => text.length })
const steps = controller.register({
  type: 'AI',
  cost: 0,
  recurring: false,
  *run(_frame: SystemFrame, count: number) {
    for (let step = 0; step < count; step++) yield
    return String(count)
  },
})
const later = controller.register({
  type: 'AI',
  cost: 0,
  recurring: false,
  run: async (frame, map: ReadonlyMap<string, number>) => {
    await frame.turn()
    return map.size > 0
  },
})
const maybe = controller.register({ type: 'AI', cost: 0, recurring: false, run: (_frame, text?: string) => text })
const plain = controller.register({ type: 'AI', cost: 0, recurring: false, run: ({ deltaMs }) => deltaMs })

describe('the type of a system', () => {
  it('follows from its run, whatever kind it is', () => {
    expectTypeOf(walk).toEqualTypeOf<SystemId<void, number>>()
    expectTypeOf(sync).toEqualTypeOf<SystemId<string, number>>()
    expectTypeOf(steps).toEqualTypeOf<SystemId<number, string>>()
    expectTypeOf(later).toEqualTypeOf<SystemId<ReadonlyMap<string, number>, boolean>>()
    expectTypeOf(plain).toEqualTypeOf<SystemId<void, number>>()
  })

  it('is that of its definition', () => {
    const defined = defineBatchSystem({ type: 'sound', cost: 0.1, run: (_frame, text: string) => text.length })
    expectTypeOf(() => own.register(defined)).returns.toEqualTypeOf<SystemId<string, number>>()
    const remote = defineRemoteBatchSystem({
      type: 'sound',
      cost: 0.1,
      task: 'mix',
      prepare: (_frame, text: string) => text.length,
      run: (_frame, mixed: Float32Array) => mixed.length,
    })
    expectTypeOf(() => own.register(remote)).returns.toEqualTypeOf<SystemId<string, unknown>>()
  })

  it('is what its jobs are run with, and give', () => {
    expectTypeOf(() => controller.run(walk)).returns.toEqualTypeOf<Promise<number>>()
    expectTypeOf(() => controller.run(sync, 'text')).returns.toEqualTypeOf<Promise<number>>()
    expectTypeOf(() => controller.run(steps, 5)).returns.toEqualTypeOf<Promise<string>>()
    expectTypeOf(() => controller.run(later, new Map())).returns.toEqualTypeOf<Promise<boolean>>()
    expectTypeOf(() => controller.run(maybe)).returns.toEqualTypeOf<Promise<string | undefined>>()
    expectTypeOf(() => controller.run(plain, undefined, { signal: AbortSignal.abort() })).returns.resolves.toBeNumber()
    const submits = [
      () => controller.submit(walk),
      () => controller.submit(sync, 'text'),
      () => controller.submit(steps, 5),
      () => controller.submit(maybe),
      () => controller.submit(maybe, 'text'),
    ]
    expectTypeOf(submits).items.returns.toEqualTypeOf<JobId>()
  })
})

describe('the type of a controller', () => {
  it('has the names of its lanes', () => {
    expectTypeOf(controller).toEqualTypeOf<BatchController<BatchType>>()
    expectTypeOf(own).toEqualTypeOf<BatchController<'input' | 'sound'>>()
    expectTypeOf(own.stats).toEqualTypeOf<BatchStats<'input' | 'sound'>>()
    expectTypeOf(own.describe).returns.items.toHaveProperty('type').toEqualTypeOf<'input' | 'sound'>()
    expectTypeOf(own).toExtend<FrameDriven<FrameReport>>()
  })
})

/** None of this compiles: TypeScript tells of each line that has no error any more. It is not run. */
function refused(): void {
  // @ts-expect-error: no such lane
  registerBatchSystem(controller, 'Sound', () => 5, 0.1)
  // @ts-expect-error: a lane of another controller
  registerBatchSystem(own, BatchType.AI, () => 5, 0.1)
  // @ts-expect-error: no such lane
  controller.register({ type: 'ai', cost: 0.1, run: () => 5 })
  // @ts-expect-error: no cost
  controller.register({ type: 'AI', run: () => 5 })
  // @ts-expect-error: no lane
  controller.register({ cost: 0.1, run: () => 5 })
  // @ts-expect-error: a misspelt field
  controller.register({ type: 'AI', cost: 0.1, run: () => 5, recuring: false })
  // @ts-expect-error: a cost is a number
  registerBatchSystem(controller, 'AI', () => 5, '0.1')
  // @ts-expect-error: a recurring system has no input
  registerBatchSystem(controller, 'AI', (_frame, text: string) => text, 0.1)
  // @ts-expect-error: no such lane
  own.queueDepth('music')
  // @ts-expect-error: no such lane
  own.setWeight('music', 2)
  // @ts-expect-error: no such lane
  own.setOrder(['sound', 'music'])
  // @ts-expect-error: no such lane
  own.setType(sync, 'music')

  // @ts-expect-error: no input
  controller.submit(sync)
  // @ts-expect-error: a wrong input
  controller.submit(sync, 5)
  // @ts-expect-error: no input
  controller.run(steps)
  // @ts-expect-error: a wrong input
  controller.run(steps, 'text')
  // @ts-expect-error: a wrong input
  controller.run(later, new Map([[1, 'x']]))
  // @ts-expect-error: an input for a system without one
  controller.run(walk, 5)
  // @ts-expect-error: no id of a system
  controller.submit(5)
  // @ts-expect-error: a controller is no signal
  controller.submit(sync, 'text', { signal: new AbortController() })
  // @ts-expect-error: a signal is no options
  controller.submit(sync, 'text', AbortSignal.abort())
  // @ts-expect-error: a promise is no job
  controller.cancel(controller.run(walk))

  // @ts-expect-error: a budget is a number
  new BatchController({ budgetMs: '2.5' })
  // @ts-expect-error: no such rate
  new BatchController({ target: 61 })
  // @ts-expect-error: no such policy
  new BatchController({ policy: 'fair' })
  // @ts-expect-error: a misspelt option
  new BatchController({ budgetms: 2.5 })
  // @ts-expect-error: no such policy
  new BatchController({ whenFull: 'wait' })
  // @ts-expect-error: time is an object's
  controller.runFrame(16)
  // @ts-expect-error: a host is made by a call
  driveFrames(controller, timerFrames)
  // @ts-expect-error: what a job gives is of a type
  const text: Promise<string> = controller.run(sync, 'text')
  // @ts-expect-error: the report is to be read
  controller.runFrame().usedMs = 5
  expectTypeOf(text)
}

it('what is wrong is refused when it is compiled', () => {
  expectTypeOf(refused).returns.toBeVoid()
})
