import { type Clock, VirtualClock } from '@millrace/kernel'
import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BatchController } from '../../src/index.ts'
import { plansOnly, timesEachJob } from '../mutants/controllers.ts'
import { type Load, type Random, simulate } from '../simulation.ts'

const BUDGET_MS = 2.5
const LANES = ['a', 'b', 'c', 'd']

const lognormal = (meanMs: number, noise: number) => (_: Random, gauss: Random) =>
  meanMs * Math.exp(noise * gauss() - noise ** 2 / 2)

/** Each is more than a frame can do. */
const loads: Record<string, readonly Load[]> = {
  mixed: [
    { lane: 'a', perFrame: 100, cost: lognormal(0.003, 0.3) },
    { lane: 'b', perFrame: 10, cost: lognormal(0.05, 0.2) },
    { lane: 'c', perFrame: 6, cost: lognormal(0.2, 0.3) },
    { lane: 'd', perFrame: 1, cost: lognormal(0.7, 0.2) },
  ],
  small: [
    { lane: 'a', perFrame: 200, cost: lognormal(0.004, 0.3) },
    { lane: 'b', perFrame: 50, cost: lognormal(0.02, 0.3) },
    { lane: 'c', perFrame: 40, cost: lognormal(0.03, 0.2) },
  ],
  'small, of one lane': [0.001, 0.002, 0.003, 0.004].map((ms) => ({
    lane: 'a',
    perFrame: 300,
    cost: lognormal(ms, 0.3),
  })),
  medium: [
    { lane: 'a', perFrame: 12, cost: lognormal(0.1, 0.3) },
    { lane: 'b', perFrame: 8, cost: lognormal(0.3, 0.3) },
  ],
  large: [
    { lane: 'a', perFrame: 2, cost: lognormal(0.9, 0.15) },
    { lane: 'b', perFrame: 3, cost: lognormal(0.5, 0.15) },
  ],
  'in steps': [
    { lane: 'a', perFrame: 1, cost: lognormal(0.2, 0.3), steps: 10 },
    { lane: 'b', perFrame: 10, cost: lognormal(0.1, 0.2) },
  ],
}

/** By how much 99 of 100 frames are over their budget at most, and the used share of it, both by the time that the clock hides. */
function simulatedOverruns(load: readonly Load[], tickMs: number, Controller: typeof BatchController) {
  const overruns: number[] = []
  let used = 0
  for (const seed of [1, 2]) {
    const { frames } = simulate({ Controller, lanes: LANES, loads: load, frames: 500, seed, tickMs })
    for (const { usedMs, budgetMs } of frames.slice(100)) {
      overruns.push(Math.max(0, usedMs - budgetMs))
      used += usedMs
    }
  }
  overruns.sort((a, b) => a - b)
  return { p99: overruns[Math.floor(overruns.length * 0.99)]!, use: used / overruns.length / BUDGET_MS }
}

type Overruns = ReturnType<typeof simulatedOverruns>

const known = new Map<typeof BatchController, Map<string, Overruns>>()

/** The same each time: simulated once. */
function overrunsOf(name: string, tickMs: number, Controller: typeof BatchController): Overruns {
  const ofController = known.get(Controller) ?? new Map<string, Overruns>()
  known.set(Controller, ofController)
  const key = `${name} ${tickMs}`
  const overruns = ofController.get(key) ?? simulatedOverruns(loads[name]!, tickMs, Controller)
  ofController.set(key, overruns)
  return overruns
}

const keepsBudgetsByCoarseClocks = (Controller: typeof BatchController) =>
  fc.property(fc.constantFrom(...Object.keys(loads)), fc.constantFrom(0.1, 1), (name, tickMs) => {
    const fine = overrunsOf(name, 0, Controller)
    const coarse = overrunsOf(name, tickMs, Controller)
    expect(fine.p99).toBeLessThanOrEqual(0.1)
    expect(coarse.p99).toBeLessThanOrEqual(1.2 * fine.p99 + tickMs)
    expect(coarse.use).toBeGreaterThanOrEqual(0.8)
  })

const readsItRarely = (Controller: typeof BatchController) =>
  fc.property(
    fc.constantFrom(0.001, 0.002, 0.0035),
    fc.constantFrom(0, 0.1, 1),
    fc.integer({ min: 1, max: 4 }),
    (ms, tickMs, systems) => {
      const small = Array.from({ length: systems }, (_, index) => ({
        lane: LANES[index]!,
        perFrame: Math.floor((0.8 * BUDGET_MS) / ms / systems),
        cost: lognormal(ms, 0.2),
        prior: 0,
      }))
      let before = { clockReads: 0, jobsProcessed: 0, jobsTimedInGroups: 0 }
      const { controller } = simulate({
        ...{ Controller, lanes: LANES, loads: small, frames: 100, seed: 1, tickMs },
        // Until it is known that jobs are small, each is timed: by a clock of 1 ms that takes some 30 ms of work.
        onFrame: (frame, controller) => {
          if (frame === 50) before = controller.stats
        },
      })
      const { clockReads, jobsProcessed, jobsTimedInGroups } = controller.stats
      const jobs = jobsProcessed - before.jobsProcessed
      expect(jobs).toBeGreaterThan(20_000)
      expect((clockReads - before.clockReads) / jobs).toBeLessThanOrEqual(0.1)
      expect((jobsTimedInGroups - before.jobsTimedInGroups) / jobs).toBeGreaterThan(0.95)
    },
  )

describe('a coarse clock', () => {
  it('costs no more than a tick of overrun, and little of the budget', () =>
    holds(keepsBudgetsByCoarseClocks(BatchController), 10))
  it('is caught when only plans are gone by', async () => fails(keepsBudgetsByCoarseClocks(await plansOnly()), 10))

  it.each([0.1, 1])('of %d ms does so where jobs of several systems are timed together', (tickMs) => {
    const load = 'small, of one lane'
    const fine = overrunsOf(load, 0, BatchController)
    expect(overrunsOf(load, tickMs, BatchController).p99).toBeLessThanOrEqual(1.2 * fine.p99 + tickMs)
  })

  it('and any other is read once for ten small jobs at most', () => holds(readsItRarely(BatchController), 6))
  it('is caught when each job is timed', async () => fails(readsItRarely(await timesEachJob()), 6))
})

describe('a clock that is wrong', () => {
  /** One system of jobs of 0.1 ms, of which all are queued at the start. */
  function many(clock: Clock, spend: (ms: number, job: number) => void) {
    const controller = new BatchController({ clock, clockTickMs: 0, maxQueuedJobs: 100_000 })
    let ran = 0
    const id = controller.register<undefined, void>({
      type: 'AI',
      cost: 0.04,
      recurring: false,
      run: () => spend(0.1, ran++),
    })
    for (let job = 0; job < 20_000; job++) controller.submit(id)
    return {
      controller,
      frame: () => {
        const before = ran
        const report = controller.runFrame()
        expect(report.usedMs).toBeGreaterThanOrEqual(0)
        expect(report.debtMs).toBeLessThanOrEqual(8 * BUDGET_MS)
        return ran - before
      },
    }
  }

  const wall = { wallNow: () => 0, after: () => ({ cancel: () => {} }) }

  it('by standing still ends a frame all the same', () => {
    const controller = new BatchController({ clock: { now: () => 7, ...wall }, clockTickMs: 0 })
    let steps = 0
    controller.register({
      type: 'AI',
      cost: 0,
      *run() {
        for (;;) yield ++steps
      },
    })
    expect(controller.runFrame()).toMatchObject({ usedMs: 0, jobsProcessed: 0 })
    expect(steps).toBeGreaterThan(0)
    expect(steps).toBeLessThan(5e6)
  })

  it('by running backwards is counted, and does no more than its plans', () => {
    let now = 1e6
    const { controller, frame } = many({ now: () => now, ...wall }, () => {
      now -= 0.1
    })
    for (let count = 0; count < 50; count++) {
      now -= 16
      expect(frame()).toBeLessThanOrEqual(40)
    }
    expect(controller.stats.clockRegressions).toBeGreaterThan(50)
    expect(controller.stats.executionTime.count).toBe(0)
  })

  it('now and then, whichever way, keeps no frame from its work', () =>
    holds(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 5 }),
        fc.constantFrom(-50, 50),
        (jumps, jumpMs) => {
          const clock = new VirtualClock({ now: 1e6 })
          let off = 0
          const { frame } = many({ ...wall, now: () => clock.now() + off }, (ms, job) => {
            clock.advance(ms)
            if (jumps.includes(job)) off += jumpMs
          })
          const jobs: number[] = []
          for (let count = 0; count < 100; count++) {
            clock.advance(16)
            jobs.push(frame())
          }
          expect(Math.min(...jobs)).toBeGreaterThanOrEqual(1)
          expect(Math.max(...jobs)).toBeLessThanOrEqual(50)
          // Jumps in the first jobs of a system are the last to be forgotten.
          expect(jobs.at(-1)).toBeGreaterThanOrEqual(10)
        },
      ),
      15,
    ))

  it.each([
    ['between two frames', -1],
    ['inside a job', 500],
  ])('by an hour %s is forgotten within some frames', (_, jumpIn) => {
    const clock = new VirtualClock({ now: 1e6 })
    const { controller, frame } = many(clock, (ms, job) => clock.advance(job === jumpIn ? 3_600_000 : ms))
    for (let count = 0; count < 40; count++) frame()
    if (jumpIn < 0) clock.advance(3_600_000)
    const before = frame()
    let slow = before < 20 ? 1 : 0
    for (let count = 0; count < 60; count++) if (frame() < 20) slow++
    expect(slow).toBeLessThanOrEqual(12)
    expect(controller.stats.debtMs).toBeLessThan(BUDGET_MS)
  })

  it('by an hour inside one of the first jobs of a system is forgotten within some seconds', () => {
    const clock = new VirtualClock({ now: 1e6 })
    const { frame } = many(clock, (ms, job) => clock.advance(job === 4 ? 3_600_000 : ms))
    let slow = 0
    for (let count = 0; count < 400; count++) if (frame() < 20) slow++
    expect(slow).toBeLessThanOrEqual(200)
  })
})
