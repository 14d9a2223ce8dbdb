import { fails, holds, randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LanePolicy } from '../../src/policy/lane-policy.ts'
import { StrictLanes, type StrictLanesOptions } from '../../src/policy/strict-lanes.ts'
import { GreedyStrictLanes, NaiveStrictLanes, TurnlessStrictLanes } from '../mutants/lane-policies.ts'
import { serveLanes } from './lanes-in-frames.ts'

type Policy = new (lanes: number, options: StrictLanesOptions) => LanePolicy

const BUDGET_MS = 2.5
const FRAMES = 400

const policyOptions = fc.record({
  maxWaitFrames: fc.integer({ min: 1, max: 20 }),
  agedShare: fc.double({ min: 0.05, max: 1, noNaN: true }),
})
/** Tiny, large, as large as a budget, larger. */
const cost = fc.constantFrom(0.05, 0.3, 0.8, 1.3, 2.4, 2.5, 5)

/** Every lane has more to do than there is time. */
const boundsWaits = (Made: Policy) =>
  fc.property(
    policyOptions,
    fc.array(cost, { minLength: 2, maxLength: 7 }),
    fc.boolean(),
    fc.boolean(),
    fc.integer(),
    (options, costs, isOld, varies, seed) => {
      const random = randomFrom(seed)
      const order = Int32Array.from(costs, (_, lane) => lane)
      const { longestGap } = serveLanes(new Made(costs.length, options), {
        budgetMs: BUDGET_MS,
        frames: FRAMES,
        order,
        isOld,
        nextJob: (lane) => costs[lane]! * (varies ? random() : 1),
      })
      const aged = costs.length - 1
      const most = Math.max(...costs)
      const bound = (aged * most) / (options.agedShare * BUDGET_MS) + 2 * aged + 2
      const [urgent, ...others] = longestGap
      expect(urgent).toBeLessThanOrEqual(2)
      for (const gap of others) expect(gap).toBeLessThanOrEqual(bound + (isOld ? 0 : options.maxWaitFrames))
    },
  )

/** The most urgent lane could use all of the time, and the others too. */
const keepsToTheShare = (Made: Policy) =>
  fc.property(policyOptions, fc.array(cost, { minLength: 1, maxLength: 5 }), fc.boolean(), (options, costs, isOld) => {
    const order = Int32Array.from([0, ...costs], (_, lane) => lane)
    const { usedMs } = serveLanes(new Made(order.length, options), {
      budgetMs: BUDGET_MS,
      frames: FRAMES,
      order,
      isOld,
      nextJob: (lane) => (lane === 0 ? 0.02 : costs[lane - 1]!),
    })
    const taken = usedMs.reduce((sum, used) => sum + used.subarray(1).reduce((ms, lane) => ms + lane, 0), 0)
    // What is too short for one more of the urgent jobs is nobody's.
    const rest = 0.02 * FRAMES
    expect(taken).toBeLessThanOrEqual(options.agedShare * BUDGET_MS * FRAMES + Math.max(...costs) + rest)
  })

const isInOrder = (Made: Policy) =>
  fc.property(
    fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    fc.array(fc.nat(4), { minLength: 4, maxLength: 4 }),
    (order, jobs) => {
      const policy = new Made(4, { maxWaitFrames: 10, agedShare: 0.25 })
      const left = [...jobs]
      const lanes = { count: 4, order: Int32Array.from(order), waited: (lane: number) => (left[lane]! > 0 ? 3 : -1) }
      policy.begin(lanes, BUDGET_MS)
      const places: number[] = []
      for (let lane = policy.next(lanes); lane >= 0; lane = policy.next(lanes)) {
        places.push(order.indexOf(lane))
        left[lane]!--
        policy.served(lane, 0.1)
      }
      expect(places).toEqual(places.toSorted())
      expect(places.length).toBe(jobs.reduce((sum, count) => sum + count))
    },
  )

describe('StrictLanes', () => {
  it('bounds the wait of every lane as it says, though all have too much to do', () => holds(boundsWaits(StrictLanes)))
  it('is caught when nothing ages', () => fails(boundsWaits(NaiveStrictLanes)))
  it('is caught when aged lanes have no turns', () => fails(boundsWaits(TurnlessStrictLanes)))

  it('leaves the others all but the share, to within a job', () => holds(keepsToTheShare(StrictLanes)))
  it('is caught when what is aged takes all', () => fails(keepsToTheShare(GreedyStrictLanes)))

  it('serves by urgency what is not aged', () => holds(isInOrder(StrictLanes)))

  it('comes back to a lane that was passed in the next frame', () => {
    const policy = new StrictLanes(2, { maxWaitFrames: 10, agedShare: 0.25 })
    const lanes = { count: 2, order: Int32Array.of(0, 1), waited: () => 0 }
    policy.begin(lanes, BUDGET_MS)
    expect(policy.next(lanes)).toBe(0)
    policy.passed(0)
    expect(policy.next(lanes)).toBe(1)
    policy.passed(1)
    expect(policy.next(lanes)).toBe(-1)
    policy.begin(lanes, BUDGET_MS)
    expect(policy.next(lanes)).toBe(0)
  })
})
