import { fails, holds, randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LanePolicy } from '../../src/policy/lane-policy.ts'
import { SharedLanes, type SharedLanesOptions } from '../../src/policy/shared-lanes.ts'
import { GrudgingSharedLanes, NaiveStrictLanes, TurnByTurnLanes } from '../mutants/lane-policies.ts'
import { serveLanes } from './lanes-in-frames.ts'

type Policy = new (lanes: number, options: SharedLanesOptions) => LanePolicy

const BUDGET_MS = 2.5
const FRAMES = 400
/** So long that shares follow the weights alone. */
const NO_LAG = 1e12

const lane = fc.record({
  weight: fc.integer({ min: 1, max: 5 }),
  cost: fc.double({ min: 0.01, max: 0.6, noNaN: true }),
})

/** All lanes have too much to do, at all times. */
const givesEachItsShare = (Made: Policy) =>
  fc.property(fc.array(lane, { minLength: 2, maxLength: 5 }), fc.integer(), (lanes, seed) => {
    const random = randomFrom(seed)
    const weights = Float64Array.from(lanes, ({ weight }) => weight)
    const { usedMs } = serveLanes(new Made(lanes.length, { weights, maxWaitFrames: NO_LAG }), {
      budgetMs: BUDGET_MS,
      frames: FRAMES,
      order: Int32Array.from(lanes, (_, index) => index),
      isOld: false,
      nextJob: (index) => lanes[index]!.cost * (0.5 + 0.5 * random()),
    })
    const largest = Math.max(...lanes.map(({ cost }) => cost))
    const sum = weights.reduce((all, weight) => all + weight)
    const used = new Float64Array(lanes.length)
    let total = 0
    let farthest = 0
    for (const frame of usedMs) {
      frame.forEach((ms, index) => {
        used[index]! += ms
        total += ms
      })
      for (let index = 0; index < lanes.length; index++) {
        farthest = Math.max(farthest, Math.abs(used[index]! - (total * weights[index]!) / sum))
      }
    }
    expect(farthest).toBeLessThanOrEqual(2 * largest)
  })

/** One lane has little to do for long, and then too much: nobody has to make up for what they were left. */
const holdsNothingAgainstAnybody = (Made: Policy) =>
  fc.property(fc.integer({ min: 1, max: 5 }), fc.double({ min: 0.05, max: 0.6, noNaN: true }), (weight, cost) => {
    const quiet = 300
    const { usedMs } = serveLanes(new Made(2, { weights: Float64Array.of(weight, 1), maxWaitFrames: NO_LAG }), {
      budgetMs: BUDGET_MS,
      frames: FRAMES,
      order: Int32Array.of(0, 1),
      isOld: false,
      nextJob: (index, frame) => (index === 0 && frame < quiet ? undefined : cost),
    })
    const after = usedMs.slice(quiet, quiet + 20)
    expect(usedMs[quiet - 1]![1]).toBeGreaterThan(BUDGET_MS - cost)
    const other = after.reduce((sum, used) => sum + used[1]!, 0)
    const all = after.reduce((sum, used) => sum + used[0]! + used[1]!, 0)
    expect(other).toBeGreaterThanOrEqual(all / (weight + 1) - 2 * cost)
  })

describe('SharedLanes', () => {
  it('gives every lane its share at every moment, to within two jobs', () => holds(givesEachItsShare(SharedLanes)))
  it('is caught when lanes have a job each in turns', () => fails(givesEachItsShare(TurnByTurnLanes)))
  it('is caught when the most urgent is always first', () =>
    fails(
      givesEachItsShare(
        class extends NaiveStrictLanes {
          constructor(lanes: number) {
            super(lanes, { maxWaitFrames: 1, agedShare: 0.25 })
          }
        },
      ),
    ))

  it('charges nobody for what others left', () => holds(holdsNothingAgainstAnybody(SharedLanes)))
  it('is caught when it bears a grudge', () => fails(holdsNothingAgainstAnybody(GrudgingSharedLanes)))

  it('counts a lane that lags for up to four times its weight', () => {
    const policy = new SharedLanes(2, { weights: Float64Array.of(1, 1), maxWaitFrames: 10 })
    const used = [0, 0]
    const lanes = { count: 2, order: Int32Array.of(0, 1), waited: (lane: number) => (lane === 0 ? 0 : 1000) }
    for (let frame = 0; frame < 100; frame++) {
      policy.begin(lanes, BUDGET_MS)
      for (let job = 0; job < 25; job++) {
        const lane = policy.next(lanes)
        used[lane]! += 0.1
        policy.served(lane, 0.1)
      }
    }
    expect(used[1]! / used[0]!).toBeCloseTo(4, 1)
  })

  it('follows weights that change, from the next frame on', () => {
    const weights = Float64Array.of(1, 1)
    const options = { budgetMs: BUDGET_MS, frames: 100, order: Int32Array.of(0, 1), isOld: false, nextJob: () => 0.1 }
    const policy = new SharedLanes(2, { weights, maxWaitFrames: NO_LAG })
    serveLanes(policy, options)
    weights[0] = 4
    const { usedMs } = serveLanes(policy, options)
    const [used, other] = [0, 1].map((lane) => usedMs.reduce((sum, frame) => sum + frame[lane]!, 0))
    expect(used! / other!).toBeCloseTo(4, 1)
  })
})
