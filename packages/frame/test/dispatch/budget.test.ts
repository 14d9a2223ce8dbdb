import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BatchController } from '../../src/index.ts'
import {
  admitsAll,
  agesBeyondTheBudget,
  forgetsDebts,
  losesItsNumbers,
  neverAges,
  plansOnly,
  sharesByTurns,
} from '../mutants/controllers.ts'
import { type Load, type Random, simulate } from '../simulation.ts'

const BUDGET_MS = 2.5
const FRAMES = 250
const LANES = ['a', 'b', 'c', 'd']

interface Stream extends Load {
  readonly meanMs: number
  readonly mostMs: number
}

/** A stream of jobs that are lognormal about a mean, some of them spikes; too long to be timed in groups. */
const streamOf = (share: number, spike: number, spikes: number) =>
  fc
    .record({
      lane: fc.constantFrom(...LANES),
      meanMs: fc.double({ min: 0.06, max: 2, noNaN: true }),
      noise: fc.double({ min: 0, max: 0.3, noNaN: true }),
      steps: fc.constantFrom(undefined, undefined, 3),
    })
    .map(({ lane, meanMs, noise, steps }): Stream => {
      const mostMs = spike * meanMs * Math.exp(3 * noise)
      const cost = (random: Random, gauss: Random) => {
        const ms = meanMs * Math.exp(noise * gauss()) * (random() < spikes ? spike : 1)
        return Math.min(ms, mostMs)
      }
      const perFrame = (share * BUDGET_MS) / meanMs / (steps ?? 1)
      return { lane, meanMs, mostMs, cost, perFrame, ...(steps === undefined ? {} : { steps }) }
    })

/** Work for about `load` times the budget. */
const work = (load: number, spike: number, spikes = 0.005) =>
  fc
    .integer({ min: 1, max: 4 })
    .chain((count) =>
      fc.tuple(fc.array(streamOf(load / count, spike, spikes), { minLength: count, maxLength: count }), fc.nat()),
    )

const policy = fc.constantFrom<'strict' | 'shared'>('strict', 'shared')

const overrunsByOnePiece = (Controller: typeof BatchController) =>
  fc.property(
    fc.oneof(work(0.7, 4), work(2, 1), work(2, 4)),
    policy,
    fc.integer({ min: 1, max: 30 }),
    ([loads, seed], chosen, maxWaitFrames) => {
      const { frames } = simulate({
        Controller,
        lanes: LANES,
        loads,
        seed,
        frames: FRAMES,
        policy: chosen,
        maxWaitFrames,
      })
      const worst = frames.map(({ usedMs, lastMs, allowedMs }) => usedMs - lastMs - Math.max(0, allowedMs))
      expect(Math.max(...worst)).toBeLessThanOrEqual(1e-9)
    },
  )

/** Overruns are paid back: at no time was more used than all budgets, a few pieces that took too long, and one budget. */
const paysBack = (Controller: typeof BatchController) =>
  fc.property(work(2, 6, 0.04), policy, ([loads, seed], chosen) => {
    const { frames } = simulate({ Controller, lanes: LANES, loads, seed, frames: 2 * FRAMES, policy: chosen })
    const longest = Math.max(...loads.map(({ mostMs }) => mostMs))
    let beyond = 0
    let most = 0
    for (const { usedMs, budgetMs } of frames) {
      // What was not used is nobody's: it pays for nothing that comes later.
      beyond = Math.max(0, beyond + usedMs - budgetMs)
      most = Math.max(most, beyond)
    }
    expect(most).toBeLessThanOrEqual(4 * longest + BUDGET_MS)
  })

const goesOn = (Controller: typeof BatchController) =>
  fc.property(work(1, 40), policy, ([loads, seed], chosen) => {
    const { frames } = simulate({ Controller, lanes: LANES, loads, seed, frames: FRAMES, policy: chosen })
    const idle = frames.filter(({ hadWork, pieces }) => hadWork && pieces === 0)
    expect(idle).toEqual([])
  })

/** Twice too much to do: the bound of `StrictLanes`, and for a large job in debt twice `maxWaitFrames`. */
const boundsWaits = (Controller: typeof BatchController) =>
  fc.property(
    work(2, 1),
    fc.integer({ min: 1, max: 30 }),
    fc.constantFrom(0.1, 0.25, 0.5),
    ([loads, seed], maxWaitFrames, agedShare) => {
      const lanes = LANES.map((lane) => loads.filter((load) => load.lane === lane)).filter((found) => found.length > 0)
      // Several streams of one lane are one queue: its jobs wait for each other.
      const first = lanes.map(([load]) => load!)
      const scaled = first.map((load) => ({
        ...load,
        perFrame: (2 * BUDGET_MS) / first.length / load.meanMs / (load.steps ?? 1),
      }))
      const { longestGap } = simulate({
        Controller,
        lanes: LANES,
        loads: scaled,
        seed,
        frames: FRAMES,
        maxWaitFrames,
        agedShare,
      })
      const aged = scaled.length - 1
      const most = Math.max(...scaled.map(({ mostMs }) => mostMs))
      const bound = 2 * maxWaitFrames + (aged * most) / (agedShare * BUDGET_MS) + 2 * aged + 2
      expect(Math.max(...longestGap)).toBeLessThanOrEqual(bound)
    },
  )

/** Lanes by weights, each with twice too much to do, at every moment within two jobs of its share. */
const sharesByWeight = (Controller: typeof BatchController) =>
  fc.property(
    fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.double({ min: 0.05, max: 0.6, noNaN: true })), {
      minLength: 2,
      maxLength: 4,
    }),
    fc.nat(),
    (shares, seed) => {
      const weights = shares.reduce((sum, [weight]) => sum + weight, 0)
      const { frames } = simulate({
        Controller,
        policy: 'shared',
        // So long that shares follow the weights alone.
        maxWaitFrames: 65_535,
        lanes: shares.map(([weight], lane) => ({ name: LANES[lane]!, weight })),
        loads: shares.map(([weight, meanMs], lane) => ({
          lane: LANES[lane]!,
          perFrame: (2 * BUDGET_MS * weight) / weights / meanMs,
          cost: (random: Random) => meanMs * (0.7 + 0.6 * random()),
        })),
        frames: FRAMES,
        seed,
      })
      const used = shares.map(() => 0)
      let total = 0
      let farthest = 0
      for (const { usedBy } of frames) {
        for (const [lane, ms] of usedBy.entries()) {
          used[lane]! += ms
          total += ms
        }
        for (const [lane, [weight]] of shares.entries()) {
          farthest = Math.max(farthest, Math.abs(used[lane]! - (total * weight) / weights))
        }
      }
      const longest = 1.3 * Math.max(...shares.map(([, meanMs]) => meanMs))
      expect(farthest).toBeLessThanOrEqual(2 * longest)
    },
  )

describe('a frame', () => {
  it('overruns what it is allowed by one piece at most', () => holds(overrunsByOnePiece(BatchController), 60))
  it('is caught when whatever is next is admitted', async () => fails(overrunsByOnePiece(await admitsAll()), 60))
  it('is caught when what has waited too long runs beyond the budget', async () =>
    fails(overrunsByOnePiece(await agesBeyondTheBudget()), 60))
  it('is caught when the clock is never looked at', async () => fails(overrunsByOnePiece(await plansOnly()), 60))

  it('has its overrun paid back by the next ones', () => holds(paysBack(BatchController), 40))
  it('is caught when what it took too long is forgotten', async () => fails(paysBack(await forgetsDebts()), 40))

  it('runs something whenever there is something', () => holds(goesOn(BatchController), 60))
  it('is caught when a prediction can be no number', async () => fails(goesOn(await losesItsNumbers()), 60))

  it('serves every lane in time, though there is twice too much to do', () => holds(boundsWaits(BatchController), 60))
  it('is caught when nothing ages', async () => fails(boundsWaits(await neverAges()), 60))

  it('gives each lane its share, to within two jobs', () => holds(sharesByWeight(BatchController), 60))
  it('is caught when lanes have turns', async () => fails(sharesByWeight(await sharesByTurns()), 60))

  it('reports a piece larger than a budget once each time it runs, and what to do', () => {
    const { violations, begun } = simulate({
      lanes: LANES,
      loads: [
        { lane: 'a', perFrame: 0.02, cost: () => 4 },
        { lane: 'b', perFrame: 0.02, cost: () => 3, steps: 2 },
        { lane: 'c', perFrame: 4, cost: () => 0.1 },
      ],
      frames: 1000,
      seed: 1,
    })
    const of = (name: string) => violations.filter(({ systemId }) => systemId.name === name)
    expect(begun[0]).toBeGreaterThan(10)
    expect(of('load 0').length).toBe(begun[0])
    expect(of('load 1').length).toBe(2 * begun[1]!)
    expect(of('load 2')).toEqual([])
    expect(of('load 0')[0]).toMatchObject({ budgetMs: BUDGET_MS })
    expect(of('load 0')[0]!.ms).toBeCloseTo(4)
    expect(of('load 0')[0]!.advice).toBe(
      'load 0: one step took 4.00 ms of a budget of 2.5 ms; make it a generator that yields, or cut it into smaller jobs',
    )
    expect(of('load 1')[0]!.advice).toBe('load 1: one step took 3.00 ms of a budget of 2.5 ms; yield more often')
  })
})
