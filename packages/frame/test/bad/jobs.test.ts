import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import type { SystemId, SystemRun } from '../../src/index.ts'
import { codeOf, nothing, open, watch } from './beside-good.ts'

describe('a job that turns on its controller', () => {
  it('cannot run a frame, set nonsense, or cancel itself', async () => {
    const { controller, add, frames } = open()
    const codes: unknown[] = []
    const wrong = [
      () => controller.runFrame(),
      () => {
        controller.budgetMs = Number.NaN
      },
      () => controller.setOrder([]),
    ]
    const jobId: number = controller.submit(
      add(() => {
        codes.push(controller.cancel(jobId))
        for (const call of wrong) codes.push(codeOf(call))
      }),
      1,
    )
    await frames(1)
    expect(codes).toEqual([false, 'FRAME_REENTERED', 'OPTION_INVALID', 'OPTION_INVALID'])
    const ran = controller.run(
      add(() => controller.runFrame()),
      1,
    )
    const { ended } = watch(ran)
    await frames(6)
    expect(ended).toEqual(['FRAME_REENTERED'])
    expect(await messageOf('FRAME_REENTERED', () => ran)).toBe(
      'BatchController: a frame is running; call runFrame() from the host, not from a system or a listener',
    )
  })

  it('changes the budget from the next frame on', async () => {
    const { clock, controller, add, frames } = open({ budgetMs: 2 })
    for (let job = 0; job < 20; job++) {
      controller.submit(
        add(() => {
          clock.advance(0.5)
          controller.budgetMs = 5
        }),
        job,
      )
    }
    await frames(1)
    expect(controller.stats.lastFrame).toMatchObject({ budgetMs: 2, usedMs: 2 })
    await frames(1)
    expect(controller.stats.lastFrame).toMatchObject({ budgetMs: 5, usedMs: 5 })
  })

  it('by queueing itself for ever has one turn a frame', async () => {
    const { controller, add, frames } = open()
    let runs = 0
    const id: SystemId<unknown, void> = add(() => {
      runs++
      controller.submit(id, 1)
    })
    controller.submit(id, 1)
    await frames(10)
    expect(runs).toBe(10)
    expect(controller.totalQueuedJobs).toBe(1)
  })

  it('by queueing ever more of itself meets the gate', async () => {
    const { controller, failures, add, frames } = open({ maxQueuedJobs: 64 })
    const id: SystemId<unknown, void> = add(() => {
      controller.submit(id, 1)
      controller.submit(id, 2)
    })
    controller.submit(id, 1)
    await frames(12)
    expect(failures.length).toBeGreaterThan(0)
    for (const { error } of failures) expect(error).toMatchObject({ code: 'GATE_FULL' })
    expect(controller.totalQueuedJobs).toBeLessThanOrEqual(65)
    expect(controller.describe()[1]).toMatchObject({ state: 'suspended' })
  })

  it('by registering systems for ever meets a limit', async () => {
    const { controller, failures, add, frames } = open()
    const ids: SystemId[] = []
    const register = () => controller.register({ name: 'more', type: 'LOD', cost: 0, recurring: false, run: nothing })
    controller.submit(
      add(() => {
        for (;;) ids.push(register())
      }),
      1,
    )
    await frames(1)
    expect(failures.map(({ error }) => String(error))).toEqual([
      'MillraceError: BatchController: 65536 systems are registered, no room for more; ' +
        'unregister some, or submit jobs to one',
    ])
    controller.unregister(ids[0]!)
    expect(register().index).toBe(65_536)
  })

  it('by unregistering its own system is over: its caller is told', async () => {
    const { controller, add, frames } = open()
    const ids: SystemId<unknown>[] = []
    const leaves: SystemRun<unknown, unknown>[] = [
      () => controller.unregister(ids[0]!),
      function* () {
        controller.unregister(ids[1]!)
        yield
      },
      function* () {
        yield
        controller.unregister(ids[2]!)
        yield
      },
      async () => {
        controller.unregister(ids[3]!)
        await new Promise(nothing)
      },
    ]
    for (const run of leaves) ids.push(add(run))
    const watched = ids.map((id) => watch(controller.run(id, 1)))
    await frames(4)
    const gone = ['SYSTEM_UNREGISTERED']
    expect(watched.map(({ ended }) => ended)).toEqual([[undefined], gone, gone, gone])
    expect(controller.totalQueuedJobs).toBe(0)
  })
})

describe('a feature', () => {
  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '5', 5n, null, undefined, Symbol('5'), Object.create(null)])(
    'that is %o fails the job, with what it should be',
    async (value) => {
      const { controller, failures, add, frames } = open({ maxFailures: 1 })
      let runs = 0
      const id = add(() => void runs++, { feature: () => value as never })
      const { ended } = watch(controller.run(id, 1))
      await frames(2)
      expect(ended).toEqual(['FEATURE_INVALID'])
      expect(String(failures[0]?.error)).toMatch(
        /^MillraceError: bad: feature\(\) must return a finite number of at least 0, such as a count, not /,
      )
      expect(runs).toBe(0)
    },
  )

  it('of any size leaves a system that runs', async () => {
    const { clock, controller, add, frames } = open()
    let runs = 0
    const id = add(
      () => {
        runs++
        clock.advance(0.01)
      },
      { feature: (value) => value as number },
    )
    const sizes = [0, 1, 1e308, 0, 1e-300, 5e-324, 1e308, 1e308, 1, 0, 100, 1e15]
    for (let round = 0; round < 5; round++) for (const size of sizes) controller.submit(id, size)
    await frames(100)
    expect(runs).toBe(60)
    expect(controller.describe()[1]?.expectedMs).toBeGreaterThan(0)
  })

  it('may cancel, submit and unregister, but run no frame', async () => {
    const { controller, failures, add, frames } = open()
    const jobs: number[] = []
    let runs = 0
    let asked = 0
    const feature = () => {
      if (asked++ < 3) {
        for (const jobId of jobs.splice(0, 2)) controller.cancel(jobId)
        for (let job = 0; job < 40; job++) controller.submit(other, job)
      }
      return 1
    }
    const other = add(nothing)
    const id = add(() => void runs++, { feature })
    for (let job = 0; job < 10; job++) jobs.push(controller.submit(id, job))
    await frames(5)
    expect(runs).toBe(4)
    const leaver: SystemId<unknown, void> = add(nothing, {
      feature: () => {
        controller.unregister(leaver)
        return 1
      },
    })
    const { ended } = watch(controller.run(leaver, 1))
    controller.submit(add(nothing, { feature: () => controller.runFrame().index }), 1)
    await frames(2)
    expect(ended).toEqual(['SYSTEM_UNREGISTERED'])
    expect(failures[0]).toMatchObject({ error: { code: 'FRAME_REENTERED' } })
  })
})
