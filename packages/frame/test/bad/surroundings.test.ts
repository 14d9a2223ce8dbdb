import { type Clock, VirtualClock } from '@millrace/kernel'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { never, nothing, open, settled, watch } from './beside-good.ts'

describe('a listener', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('that throws leaves nothing undone, and its error is an uncaught one', () => {
    const uncaught: (() => void)[] = []
    vi.stubGlobal('queueMicrotask', (callback: () => void) => uncaught.push(callback))
    const { clock, controller, add } = open({ maxQueuedJobs: 1, whenFull: 'drop-oldest', maxFailures: 1 })
    const heard: string[] = []
    const signals = ['jobFailed', 'systemSuspended', 'budgetViolated', 'jobDropped', 'frameEnded'] as const
    for (const signal of signals) {
      controller[signal].subscribe(() => never(signal))
      controller[signal].subscribe(() => heard.push(signal))
    }
    const id = add(() => {
      clock.advance(5)
      never('sprung')
    })
    controller.submit(id, 1)
    controller.submit(id, 2)
    expect(controller.runFrame()).toMatchObject({ index: 1, usedMs: 5 })
    expect(heard).toEqual(['jobDropped', 'jobFailed', 'systemSuspended', 'budgetViolated', 'frameEnded'])
    expect(uncaught).toHaveLength(5)
    for (const callback of uncaught) {
      expect(callback).toThrow(expect.objectContaining({ code: 'LISTENER_FAILED' }))
    }
    expect(controller.runFrame()).toMatchObject({ index: 2 })
  })

  it('that runs a frame is refused', () => {
    const uncaught: (() => void)[] = []
    vi.stubGlobal('queueMicrotask', (callback: () => void) => uncaught.push(callback))
    const { controller, add } = open({ maxAsyncFrames: 1 })
    controller.frameEnded.subscribe(() => controller.runFrame())
    controller.jobFailed.subscribe(() => controller.runFrame())
    controller.submit(
      add(() => new Promise(nothing)),
      1,
    )
    for (let frame = 1; frame <= 3; frame++) expect(controller.runFrame().index).toBe(frame)
    expect(uncaught).toHaveLength(4)
    for (const callback of uncaught) {
      expect(callback).toThrow(expect.objectContaining({ cause: expect.objectContaining({ code: 'FRAME_REENTERED' }) }))
    }
  })
})

describe('a clock', () => {
  /** A clock that shows what it is told. */
  function shown(): Clock & { at: number } {
    const clock = new VirtualClock()
    return {
      at: 0,
      now() {
        return this.at
      },
      wallNow: () => 0,
      after: (ms, callback) => clock.after(ms, callback),
    }
  }

  it('that runs backwards counts as no time', async () => {
    const clock = shown()
    const { controller, add, frames } = open({ clock })
    clock.at = 1000
    const deltas: number[] = []
    let runs = 0
    add(
      (frame) => {
        deltas.push(frame.deltaMs)
        clock.at -= 7
        runs++
      },
      { recurring: true },
    )
    await frames(20)
    expect(runs).toBe(20)
    // What was planned is believed, and no more.
    expect(Math.max(...deltas)).toBeLessThan(1)
    expect(controller.stats.clockRegressions).toBeGreaterThan(0)
    expect(controller.stats.debtMs).toBeLessThan(2.5)
    for (const { expectedMs, p95Ms } of controller.describe()) {
      expect(expectedMs).toBeGreaterThan(0)
      expect(p95Ms).toBeGreaterThanOrEqual(expectedMs)
    }
  })

  it('that stands still ends every frame: each job runs once', async () => {
    const { controller, add, frames } = open({ clock: shown() })
    let runs = 0
    const id = add(() => void runs++)
    for (let job = 0; job < 10_000; job++) controller.submit(id, job)
    for (let frame = 0; runs < 10_000 && frame < 100; frame++) await frames(1)
    expect(runs).toBe(10_000)
    expect(controller.totalQueuedJobs).toBe(0)
  })

  it.each([900, 3_600_000])('that jumps %i ms within a job costs a few frames, and is forgotten', async (jumpMs) => {
    const clock = shown()
    const { controller, add, frames } = open({ clock })
    const id = add((_frame, ms) => {
      clock.at += ms as number
    })
    for (let job = 0; job < 20; job++) controller.submit(id, 0.1)
    await frames(2)
    controller.submit(id, jumpMs)
    await frames(1)
    expect(controller.stats.debtMs).toBe(20)
    for (let job = 0; job < 20; job++) controller.submit(id, 0.1)
    await frames(12)
    expect(controller.stats.debtMs).toBe(0)
    await frames(20)
    expect(controller.totalQueuedJobs).toBe(0)
    expect(controller.describe()[1]?.expectedMs).toBeLessThan(5)
  })

  it('that jumps an hour between frames makes no giant step', async () => {
    const clock = shown()
    const { controller, add, frames } = open({ clock })
    const deltas: number[] = []
    add((frame) => void deltas.push(frame.deltaMs), { recurring: true })
    for (const at of [0, 16, 3_600_016, 3_600_032]) {
      clock.at = at
      await frames(1)
    }
    expect(deltas).toEqual([0, 16, 250, 16])
    expect(controller.stats.debtMs).toBe(0)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined, 'x'])(
    'that shows %o for a while is survived',
    async (at) => {
      const clock = shown()
      const { controller, add, frames } = open({ clock, traceSpans: 64 })
      let runs = 0
      add(() => void runs++, { recurring: true })
      await frames(2)
      clock.at = at as number
      await frames(3)
      clock.at = 100
      await frames(12)
      expect(runs).toBe(17)
      expect(controller.runFrame()).toMatchObject({ allowedMs: 2.5, debtMs: 0 })
    },
  )
})

describe('a suspended system', () => {
  it('does not keep a controller from being closed', async () => {
    const { controller, add, frames } = open({ maxFailures: 1 })
    const id = add((_frame, input) => (input === 'bad' ? never('sprung') : input))
    const watched = ['bad', 'held', 'held too'].map((input) => watch(controller.run(id, input)))
    await frames(3)
    let closed = false
    controller.close().then(() => {
      closed = true
    })
    await settled()
    expect(closed).toBe(true)
    expect(watched.map(({ ended }) => ended)).toEqual([['sprung'], ['SYSTEM_SUSPENDED'], ['SYSTEM_SUSPENDED']])
  })

  it('that is suspended after close() neither', async () => {
    const { controller, add } = open({ maxFailures: 1 })
    const id = add(() => never('sprung'))
    const watched = [1, 2].map((input) => watch(controller.run(id, input)))
    let closed = false
    controller.close().then(() => {
      closed = true
    })
    for (let frame = 0; frame < 3; frame++) controller.runFrame()
    await settled()
    expect(closed).toBe(true)
    expect(watched.map(({ ended }) => ended)).toEqual([['sprung'], ['SYSTEM_SUSPENDED']])
  })
})
