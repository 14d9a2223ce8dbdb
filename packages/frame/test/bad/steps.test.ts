import { describe, expect, it, vi } from 'vitest'
import type { SystemId } from '../../src/index.ts'
import { codeOf, endOf, never, nothing, open, watch } from './beside-good.ts'

describe('a system that throws', () => {
  const trap = new Proxy({}, { get: () => never('get'), has: () => never('has') })
  it.each<[string, unknown]>([
    ['an error', new RangeError('sprung')],
    ['undefined', undefined],
    ['a trap', trap],
  ])('%s is tried again, then suspended; its caller has what it threw', async (_name, thrown) => {
    const { controller, failures, add, frames } = open()
    const suspended = vi.fn()
    controller.systemSuspended.subscribe(suspended)
    let runs = 0
    const id = add(() => {
      runs++
      throw thrown
    })
    const { ended } = watch(controller.run(id, 1))
    await frames(7)
    expect(runs).toBe(5)
    expect(ended).toHaveLength(1)
    expect(Object.is(ended[0], thrown)).toBe(true)
    expect(failures.map(({ failuresInRow, willRetry }) => [failuresInRow, willRetry])).toEqual([
      [1, true],
      [2, true],
      [3, true],
      [4, true],
      [5, false],
    ])
    expect(suspended).toHaveBeenCalledTimes(1)
    expect(controller.totalQueuedJobs).toBe(0)
  })

  it('is never called, as a class or an async generator: what it is says the error', async () => {
    const { failures, controller, add, frames } = open({ maxFailures: 1 })
    class Walk {}
    controller.submit(add(Walk as never))
    await frames(1)
    expect(failures[0]?.error).toBeInstanceOf(TypeError)
    async function* walk() {
      yield 1
    }
    const { ended } = watch(controller.run(add(walk as never, { name: 'walk' }), 1))
    await frames(2)
    expect(ended).toEqual(['SYSTEM_INVALID'])
    expect(String(failures[1]?.error)).toBe(
      'MillraceError: walk: run is an async generator, whose steps cannot be kept within a frame; ' +
        'make it function*, or async with `await frame.turn()`',
    )
  })
})

describe('a generator', () => {
  it('that yields for ever lets all others run, within the budget', async () => {
    const { clock, controller, add, frames } = open({ maxWaitFrames: 3 })
    let steps = 0
    const id = add(function* () {
      for (;;) {
        clock.advance(0.1)
        steps++
        yield
      }
    })
    controller.submit(id, 1)
    let others = 0
    const other = add(() => void others++)
    for (let frame = 0; frame < 50; frame++) {
      controller.submit(other, 1)
      await frames(1)
      expect(controller.stats.lastFrame.usedMs).toBeLessThanOrEqual(2.6)
    }
    expect(steps).toBeGreaterThan(1000)
    expect(others).toBeGreaterThan(40)
  })

  it('that yields for ever ends a frame even where the clock stands still', () => {
    const { controller, add } = open()
    let steps = 0
    controller.submit(
      add(function* () {
        for (;;) yield steps++
      }),
      1,
    )
    controller.runFrame()
    const first = steps
    expect(first).toBeGreaterThan(0)
    controller.runFrame()
    expect(steps).toBeGreaterThan(first)
    expect(steps).toBeLessThan(2 ** 23)
  })

  it('that never yields is one step: reported with advice, and paid back', async () => {
    const { clock, controller, add, frames } = open()
    const onlyWorks = () => neverYields(() => clock.advance(10))
    const violations: string[] = []
    controller.budgetViolated.subscribe(({ advice }) => violations.push(advice))
    controller.submit(add(onlyWorks), 1)
    await frames(1)
    expect(violations).toEqual(['bad: one step took 10.00 ms of a budget of 2.5 ms; yield more often'])
    expect(controller.stats).toMatchObject({ budgetViolations: 1, maxOverrunMs: 7.5, debtMs: 7.5 })
    await frames(3)
    expect(controller.stats).toMatchObject({ budgetViolations: 1, debtMs: 0 })
  })

  it('that throws when it is cancelled is cancelled, and the throw is told', async () => {
    const { clock, controller, failures, add, frames } = open()
    const sprung = new RangeError('sprung')
    const id = add(function* () {
      try {
        for (;;) yield clock.advance(1)
      } finally {
        never(sprung)
      }
    })
    const jobId = controller.submit(id, 1)
    await frames(1)
    expect(controller.cancel(jobId)).toBe(true)
    expect(failures).toMatchObject([{ jobId, error: sprung, willRetry: false }])
    expect(controller.stats).toMatchObject({ jobsCancelled: 1, failures: 1, jobsFailed: 0 })
    await frames(1)
    expect(controller.totalQueuedJobs).toBe(0)
  })

  it('that yields when it is cancelled is over all the same', async () => {
    const { clock, controller, add, frames } = open()
    let after = 0
    const id = add(function* () {
      try {
        for (;;) yield clock.advance(1)
      } finally {
        yield
        after++
      }
    })
    const jobId = controller.submit(id, 1)
    await frames(1)
    expect(controller.cancel(jobId)).toBe(true)
    await frames(3)
    expect(after).toBe(0)
    expect(controller.totalQueuedJobs).toBe(0)
  })

  it('may submit, cancel and unregister while its system is taken out', async () => {
    const { clock, controller, add, frames } = open({ maxWaitFrames: 1 })
    const refused: unknown[] = []
    const other = add(nothing)
    const jobs: number[] = []
    const id: SystemId<unknown> = add(function* () {
      try {
        for (;;) yield clock.advance(2)
      } finally {
        for (const jobId of jobs) controller.cancel(jobId)
        for (let job = 0; job < 100; job++) controller.submit(other, job)
        for (const again of [() => controller.submit(id, 1), () => controller.unregister(id)]) {
          refused.push(codeOf(again))
        }
      }
    })
    for (let job = 0; job < 10; job++) jobs.push(controller.submit(id, job))
    await frames(60)
    controller.unregister(id)
    expect(refused).toEqual(new Array(20).fill('SYSTEM_UNKNOWN'))
    expect(controller.totalQueuedJobs).toBe(1000)
    await frames(20)
    expect(controller.stats).toMatchObject({ jobsCancelled: 10, failures: 0 })
    expect(controller.totalQueuedJobs).toBe(0)
  })

  it('that is none but has next() is resumed like one, and may lack return()', async () => {
    const { clock, controller, failures, add, frames } = open()
    let taken = 0
    const three = { next: () => ({ done: ++taken === 3, value: taken }), [Symbol.iterator]: nothing }
    expect(await endOf(controller.run(add((() => three) as never), 1), frames)).toBe(3)
    const endless = { next: () => clock.advance(1) ?? { done: false }, [Symbol.iterator]: nothing }
    const jobId = controller.submit(add((() => endless) as never), 1)
    await frames(2)
    expect(controller.cancel(jobId)).toBe(true)
    expect(failures).toEqual([])
    const senseless = { next: nothing, [Symbol.iterator]: nothing }
    await expect(endOf(controller.run(add((() => senseless) as never), 1), frames)).rejects.toThrow(TypeError)
    expect(controller.totalQueuedJobs).toBe(0)
  })
})

function* neverYields(work: () => void): Generator<undefined, void, void> {
  work()
  if (work === nothing) yield
}
