import type { FrameHost, FrameUse, TimedFrame } from '@millrace/kernel/frames/frame-host'
import { HandHost } from '@millrace/kernel/test/frames/hand-host'
import { fails, holds, messageOf } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FixedStepOptions, fixedStep } from '../../src/hosts/fixed-step.ts'
import { generousFixedStep } from '../mutants/generous-fixed-step.ts'
import { greedyFixedStep } from '../mutants/greedy-fixed-step.ts'
import { spirallingFixedStep } from '../mutants/spiralling-fixed-step.ts'

type Make = (host: FrameHost, options: FixedStepOptions) => FrameHost

const BUDGET_MS = 2.5

/** Has more to do than there is budget for, or not; overruns the budget, and pays that back. */
class Worker {
  demandMs = 0
  overrunMs = 0
  debtMs = 0

  step({ budgetMs = BUDGET_MS, budgetShare = 1 }: TimedFrame): FrameUse {
    const limitMs = budgetMs * budgetShare
    const allowedMs = limitMs - this.debtMs
    const usedMs = Math.min(this.demandMs, Math.max(0, allowedMs)) + this.overrunMs
    this.debtMs = Math.max(0, this.debtMs + usedMs - limitMs)
    return { usedMs, allowedMs, budgetMs: limitMs }
  }
}

/**
 * Steps are never ahead of time, nor behind by one or more but for what was dropped. They share one budget, less the debt of
 * frames before, and each has its part of it.
 */
const keepsTime = (make: Make) =>
  fc.property(
    fc.double({ min: 0.5, max: 50, noNaN: true }),
    fc.integer({ min: 1, max: 8 }),
    fc.array(
      fc.record({
        deltaMs: fc.double({ min: 0, max: 300, noNaN: true }),
        demandMs: fc.double({ min: 0, max: 3, noNaN: true }),
        overrunMs: fc.constantFrom(0, 0, 0.1, 4),
      }),
      { maxLength: 60 },
    ),
    (stepMs, maxSteps, frames) => {
      const host = new HandHost()
      const worker = new Worker()
      let passedMs = 0
      let steppedMs = 0
      let droppedMs = 0
      let steps = 0
      let usedMs = 0
      let debtMs = 0
      const allowed: number[] = []
      const onHostFrame: FixedStepOptions['onHostFrame'] = (frame) => {
        droppedMs += frame.droppedMs
        expect(frame.steps).toBe(steps)
        expect(frame.alpha).toBeGreaterThanOrEqual(0)
        expect(frame.alpha).toBeLessThan(1)
        for (const allowedMs of allowed) expect(allowedMs).toBeGreaterThanOrEqual(BUDGET_MS / steps - 1e-9)
      }
      make(host, { stepMs, maxSteps, onHostFrame }).start((step) => {
        steps++
        steppedMs += step.deltaMs
        expect(step.deltaMs).toBe(stepMs)
        const owedMs = worker.debtMs
        const use = worker.step(step)
        expect(usedMs + use.allowedMs).toBeLessThan(BUDGET_MS - debtMs + 1e-9)
        allowed.push(use.allowedMs + owedMs)
        usedMs += use.usedMs
        return use
      })
      for (const { deltaMs, demandMs, overrunMs } of frames) {
        Object.assign(worker, { demandMs, overrunMs })
        debtMs = worker.debtMs
        steps = 0
        usedMs = 0
        allowed.length = 0
        passedMs += deltaMs
        expect(host.frame({ deltaMs }).usedMs).toBe(usedMs)
        expect(steps).toBeLessThanOrEqual(maxSteps)
        const behindMs = passedMs - droppedMs - steppedMs
        expect(behindMs).toBeGreaterThan(-1e-6)
        expect(behindMs).toBeLessThan(stepMs + 1e-6)
      }
    },
  )

/** Starts steps of 10 ms, and notes them. */
function noted(options: Partial<FixedStepOptions> = {}) {
  const host = new HandHost()
  const steps: TimedFrame[] = []
  const stop = fixedStep(host, { stepMs: 10, ...options }).start((step) => {
    steps.push(step)
    const budgetMs = (step.budgetMs ?? BUDGET_MS) * (step.budgetShare ?? 1)
    return { usedMs: 0.5, allowedMs: budgetMs, budgetMs }
  })
  return { host, steps, stop }
}

describe('fixedStep', () => {
  it('keeps time and budget', () => holds(keepsTime(fixedStep)))

  it('is caught when it runs all steps there are', () => fails(keepsTime(spirallingFixedStep)))

  it('is caught when every step has a budget of its own', () => fails(keepsTime(generousFixedStep)))

  it('is caught when the first step has what later ones need', () => fails(keepsTime(greedyFixedStep)))

  it('runs as many steps as fit, and tells how far time is into the next', () => {
    const told: unknown[] = []
    const { host, steps } = noted({ onHostFrame: (frame) => told.push({ ...frame }) })
    for (const deltaMs of [0, 16, 16, 3, 16]) host.frame({ deltaMs })
    expect(told).toEqual([
      { steps: 0, droppedMs: 0, alpha: 0 },
      { steps: 1, droppedMs: 0, alpha: 0.6 },
      { steps: 2, droppedMs: 0, alpha: 0.2 },
      { steps: 0, droppedMs: 0, alpha: 0.5 },
      { steps: 2, droppedMs: 0, alpha: 0.1 },
    ])
    expect(steps.length).toBe(5)
  })

  it('drops what is more than it may make up for', () => {
    const told: unknown[] = []
    const { host } = noted({ maxSteps: 3, onHostFrame: (frame) => told.push({ ...frame }) })
    host.frame({ deltaMs: 3_600_004 })
    expect(told).toEqual([{ steps: 3, droppedMs: 3_599_970, alpha: 0.4 }])
  })

  it('shares the budget of a frame among its steps, and gives the next what one left', () => {
    const { host, steps } = noted()
    expect(host.frame({ deltaMs: 20 })).toEqual({ usedMs: 1, allowedMs: 1.25 + 2, budgetMs: BUDGET_MS })
    host.frame({ deltaMs: 20, budgetMs: 4 })
    host.frame({ deltaMs: 10 })
    expect(steps.map(({ budgetMs, budgetShare }) => [budgetMs, budgetShare])).toEqual([
      [undefined, 0.5],
      [1.25 + 0.75, undefined],
      [4, 0.5],
      [2 + 1.5, undefined],
      [undefined, 1],
    ])
  })

  it('passes on what the host told of its own frames, once each', () => {
    const { host, steps } = noted()
    host.frame({ deltaMs: 20 })
    host.frame({ deltaMs: 4, otherMs: 3 })
    host.frame({ deltaMs: 5, otherMs: 1 })
    host.frame({ deltaMs: 16, otherMs: 2 })
    expect(steps.map(({ intervalMs, otherMs }) => [intervalMs, otherMs])).toEqual([
      [20, undefined],
      [0, undefined],
      [4, 3],
      [0, undefined],
    ])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -5])('takes a time of %s for none', (deltaMs) => {
    const { host, steps } = noted()
    host.frame({ deltaMs })
    host.frame({ deltaMs: 10 })
    expect(steps.length).toBe(1)
  })

  it('makes up in the next frame for the steps behind one that throws', () => {
    const host = new HandHost()
    let steps = 0
    fixedStep(host, { stepMs: 10 }).start(() => {
      if (++steps === 2) throw new Error('of the second step')
      return { usedMs: 0, allowedMs: 0, budgetMs: 0 }
    })
    expect(() => host.frame({ deltaMs: 30 })).toThrow('of the second step')
    expect(steps).toBe(2)
    host.frame({ deltaMs: 0 })
    expect(steps).toBe(3)
  })

  it('runs no more steps once it is stopped, those of the same frame included', () => {
    const host = new HandHost()
    let steps = 0
    let told = 0
    const stop = fixedStep(host, { stepMs: 10, onHostFrame: () => told++ }).start(() => {
      steps++
      stop()
      return { usedMs: 0, allowedMs: 0, budgetMs: 0 }
    })
    host.frame({ deltaMs: 30 })
    expect([steps, told]).toEqual([1, 0])
  })

  it('ends when the host ends', () => {
    const host = new HandHost()
    let ended = 0
    fixedStep(host, { stepMs: 10 }).start(
      () => ({ usedMs: 0, allowedMs: 0, budgetMs: 0 }),
      () => ended++,
    )
    host.end()
    expect(ended).toBe(1)
  })

  it.each([
    [{ stepMs: 0 }, 'stepMs must be a finite number above 0 and at most 1000, not 0'],
    [{ stepMs: 10, maxSteps: 0.5 }, 'maxSteps must be an integer of at least 1 and at most 1000, not 0.5'],
  ])('checks %j', async (options, message) => {
    expect(await messageOf('OPTION_INVALID', () => fixedStep(new HandHost(), options))).toBe(`fixedStep: ${message}`)
  })
})
