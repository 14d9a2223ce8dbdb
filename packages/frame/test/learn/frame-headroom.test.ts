import { fails, holds, messageOf } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameHeadroom, type FrameHeadroomOptions } from '../../src/learn/frame-headroom.ts'
import { MeanHeadroom } from '../mutants/mean-headroom.ts'
import { RecklessHeadroom } from '../mutants/reckless-headroom.ts'
import { TimidHeadroom } from '../mutants/timid-headroom.ts'
import { TrustingHeadroom } from '../mutants/trusting-headroom.ts'
import { type BudgetFinder, type Load, runDisplay } from './simulated-display.ts'

type Make = (options: FrameHeadroomOptions) => BudgetFinder

const FPS = [60, 72, 90, 120, 144]
/** The bounds that the doc comment and this test state. */
const MOST_MISSED = 0.025
const LEAST_FOUND = 0.8

const loads = fc.array(
  fc.record<Load>({
    frames: fc.integer({ min: 1500, max: 3000 }),
    mean: fc.double({ min: 0.1, max: 0.6, noNaN: true }),
    deviation: fc.double({ min: 0, max: 0.08, noNaN: true }),
    spikeShare: fc.double({ min: 0, max: 0.003, noNaN: true }),
    spike: fc.double({ min: 0, max: 0.8, noNaN: true }),
    unseen: fc.double({ min: 0, max: 0.2, noNaN: true }),
  }),
  { minLength: 1, maxLength: 4 },
)

/** Whatever the others do for some twenty seconds at a time, few frames miss, and most of what can be used is. */
const keepsTheRhythm = (make: Make, measured: boolean) =>
  fc.property(fc.constantFrom(...FPS), loads, fc.integer(), (fps, loads, seed) => {
    const { missed, ofOracle } = runDisplay(make({ fps }), { fps, loads, measured, seed })
    expect(missed).toBeLessThan(MOST_MISSED)
    expect(ofOracle).toBeGreaterThan(LEAST_FOUND)
  })

/** Any number at all, those in question more often. */
const anything = fc.oneof(
  fc.double(),
  fc.double({ min: 0, max: 50, noNaN: true }),
  fc.constantFrom(0, 16.7, 33.4, 3_600_000, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_VALUE),
)

const staysWithinBounds = (make: (options: FrameHeadroomOptions) => FrameHeadroom) =>
  fc.property(
    fc.constantFrom(...FPS),
    fc.double({ min: 0.1, max: 5, noNaN: true }),
    fc.double({ min: 0, max: 20, noNaN: true }),
    fc.double({ min: 1e-3, max: 100, noNaN: true }),
    fc.array(fc.record({ deltaMs: anything, usedMs: anything, otherMs: fc.option(anything, { nil: undefined }) })),
    (fps, minBudgetMs, spanMs, startMs, evidence) => {
      const maxBudgetMs = minBudgetMs + spanMs
      const headroom = make({ fps, minBudgetMs, maxBudgetMs, startMs })
      for (const frame of [undefined, ...evidence]) {
        if (frame !== undefined) headroom.observe(frame)
        expect(headroom.budgetMs).toBeGreaterThanOrEqual(minBudgetMs)
        expect(headroom.budgetMs).toBeLessThanOrEqual(maxBudgetMs)
      }
    },
  )

const FRAME_MS = 1000 / 60

const observed = (frames: number, evidence: { deltaMs?: number; usedMs?: number; otherMs?: number }) => {
  const headroom = new FrameHeadroom({ fps: 60, startMs: 5 })
  for (let frame = 0; frame < frames; frame++) headroom.observe({ deltaMs: FRAME_MS, usedMs: 4, ...evidence })
  return headroom
}

describe('FrameHeadroom', () => {
  it('keeps a display in its rhythm when others are measured', () =>
    holds(
      keepsTheRhythm((options) => new FrameHeadroom(options), true),
      60,
    ))

  it('keeps it by missed frames alone', () =>
    holds(
      keepsTheRhythm((options) => new FrameHeadroom(options), false),
      60,
    ))

  it('is caught when no miss brings the budget down', () =>
    fails(
      keepsTheRhythm((options) => new RecklessHeadroom(options), false),
      60,
    ))

  it('is caught when it follows the mean of the others', () =>
    fails(
      keepsTheRhythm((options) => new MeanHeadroom(options), true),
      60,
    ))

  it('is caught when it never takes more', () =>
    fails(
      keepsTheRhythm((options) => new TimidHeadroom(options), false),
      60,
    ))

  it('stays within its bounds, whatever it is told', () =>
    holds(staysWithinBounds((options) => new FrameHeadroom(options))))

  it('is caught when it trusts what it is told', () =>
    fails(staysWithinBounds((options) => new TrustingHeadroom(options))))

  it('starts where told, and rises from there, slowly at first', () => {
    expect(observed(0, {}).budgetMs).toBe(5)
    expect(observed(60, {}).budgetMs).toBeLessThan(6)
    expect(observed(1000, {}).budgetMs).toBe(FRAME_MS)
  })

  it('leaves the others what they use in nearly all frames', () => {
    const headroom = observed(1000, { otherMs: 10 })
    expect(headroom.budgetMs).toBeCloseTo(0.95 * (FRAME_MS - 10))
  })

  it('follows a jump of the others within six frames, and back within 250', () => {
    const headroom = observed(1000, { otherMs: 3 })
    for (let frame = 0; frame < 6; frame++) headroom.observe({ deltaMs: FRAME_MS, usedMs: 4, otherMs: 9 })
    expect(headroom.budgetMs).toBeCloseTo(0.95 * (FRAME_MS - 9))
    for (let frame = 0; frame < 250; frame++) headroom.observe({ deltaMs: FRAME_MS, usedMs: 4, otherMs: 3 })
    expect(headroom.budgetMs).toBeCloseTo(0.95 * (FRAME_MS - 3))
  })

  it('comes down to a share of what a missed frame used, and back to it in two seconds at most', () => {
    const headroom = observed(1000, {})
    headroom.observe({ deltaMs: 2 * FRAME_MS, usedMs: 8 })
    expect(headroom.budgetMs).toBeCloseTo(0.85 * 8)
    headroom.observe({ deltaMs: 2 * FRAME_MS, usedMs: 0.85 * 8 })
    expect(headroom.budgetMs).toBeCloseTo(0.85 * 0.85 * 8)
    for (let frame = 0; frame < 120; frame++) headroom.observe({ deltaMs: FRAME_MS, usedMs: 4 })
    expect(headroom.budgetMs).toBeGreaterThan(0.85 * 8 - 0.01)
  })

  it.each([
    ['a hidden tab', { deltaMs: 3_600_000, usedMs: 4 }],
    ['a frame in which nothing was used', { deltaMs: 2 * FRAME_MS, usedMs: 0.1 }],
    ['a spike of the others', { deltaMs: 2 * FRAME_MS, usedMs: 4, otherMs: 14 }],
    ['a first frame', { deltaMs: 0, usedMs: 4 }],
    ['a time that is no number', { deltaMs: Number.NaN, usedMs: 4 }],
    ['a use that is no number', { deltaMs: 2 * FRAME_MS, usedMs: Number.NaN }],
  ])('learns no less budget from %s', (_, evidence) => {
    const headroom = observed(1000, { otherMs: 5 })
    const before = headroom.budgetMs
    headroom.observe(evidence)
    expect(headroom.budgetMs).toBe(before)
  })

  it.each([
    [{ fps: 0 }, 'fps must be a finite number above 0 and at most 1000, not 0'],
    [{ fps: 60, minBudgetMs: 0 }, 'minBudgetMs must be a finite number above 0, not 0'],
    [{ fps: 60, minBudgetMs: 3, maxBudgetMs: 2 }, 'maxBudgetMs must be a finite number of at least 3, not 2'],
    [{ fps: 60, startMs: Number.NaN }, 'startMs must be a finite number above 0, not NaN'],
  ])('checks %j', async (options, message) => {
    expect(await messageOf('OPTION_INVALID', () => new FrameHeadroom(options))).toBe(`FrameHeadroom: ${message}`)
  })
})
