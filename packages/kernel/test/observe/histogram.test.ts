import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from '../../src/observe/histogram.ts'
import { LinearHistogram } from '../mutants/linear-histogram.ts'
import { UncountingHistogram } from '../mutants/uncounting-histogram.ts'
import { fails, holds, messageOf, type Shape } from '../property.ts'

const values = (min: number, max: number) =>
  fc.array(
    fc.double({ min: Math.log(min), max: Math.log(max), noNaN: true }).map((log) => Math.min(max, Math.exp(log))),
    { minLength: 1, maxLength: 300, size: 'max' },
  )

/** The value of rank ⌈p % of the count⌉, as a sorted array has it. */
function exactPercentile(sorted: number[], p: number): number {
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)]!
}

/** Percentiles are off by no more than the stated share of the value; the rest is exact. */
const isPrecise = (makeHistogram: (precisionBits: number) => Omit<Shape<Histogram>, 'merge' | 'reset'>) =>
  fc.property(
    values(1e-3, 1e9),
    fc.array(fc.oneof(fc.constantFrom(0, 50, 99, 100), fc.double({ min: 0, max: 100, noNaN: true })), { minLength: 5 }),
    fc.integer({ min: 1, max: 14 }),
    (recorded, percents, precisionBits) => {
      const histogram = makeHistogram(precisionBits)
      for (const value of recorded) histogram.record(value)
      const sorted = recorded.toSorted((a, b) => a - b)
      expect([histogram.count, histogram.min, histogram.max]).toEqual([sorted.length, sorted[0], sorted.at(-1)])
      expect(histogram.mean).toBeCloseTo(recorded.reduce((sum, value) => sum + value, 0) / recorded.length, 6)
      for (const p of percents) {
        const exact = exactPercentile(sorted, p)
        const error = Math.abs(histogram.percentile(p) - exact)
        expect(error).toBeLessThanOrEqual(exact * 2 ** -(precisionBits + 1))
      }
    },
  )

const summaryOf = (histogram: Histogram) => [
  histogram.count,
  histogram.mean,
  histogram.min,
  histogram.max,
  ...[1, 25, 50, 75, 99].map((p) => histogram.percentile(p)),
]

/** One call with a count leaves what as many calls leave. */
const countsAlike = (makeHistogram: () => Histogram) =>
  fc.property(fc.array(fc.tuple(fc.nat(5000), fc.nat(9))), (pairs) => {
    const [counted, one] = [makeHistogram(), makeHistogram()]
    for (const [value, count] of pairs) {
      counted.record(value, count)
      for (let times = 0; times < count; times++) one.record(value)
    }
    expect(summaryOf(counted)).toEqual(summaryOf(one))
  })

describe('Histogram', () => {
  it('keeps its precision', () => holds(isPrecise((precisionBits) => new Histogram({ precisionBits }))))

  it('is caught with buckets of one width', () => fails(isPrecise(() => new LinearHistogram())))

  it('counts a value many times as if it came as often', () => holds(countsAlike(() => new Histogram())))

  it('is caught when it counts them as one', () => fails(countsAlike(() => new UncountingHistogram())))

  it('merges as if one had recorded all', () =>
    holds(
      fc.property(fc.array(fc.nat(5000)), fc.array(fc.nat(5000)), (left, right) => {
        const [merged, other, all] = [new Histogram(), new Histogram(), new Histogram()]
        for (const value of left) merged.record(value)
        for (const value of right) other.record(value)
        for (const value of [...left, ...right]) all.record(value)
        const before = other.percentile(50)
        merged.merge(other)
        expect(summaryOf(merged)).toEqual(summaryOf(all))
        expect(other.percentile(50)).toBe(before)
      }),
    ))

  it('counts what is out of range at the ends, and knows the extremes', () => {
    const histogram = new Histogram({ lowest: 1, highest: 1000 })
    for (const value of [0, 1e-9, 0.5, 5, 1e6, 1e300]) histogram.record(value)
    expect([histogram.percentile(0), histogram.percentile(100)]).toEqual([0, 1e300])
    expect(histogram.percentile(50)).toBeLessThanOrEqual(1)
    expect(Math.abs(histogram.percentile(66) - 5)).toBeLessThan(0.02)
    expect(Math.abs(histogram.percentile(80) - 1000)).toBeLessThan(4)
  })

  it('covers every positive normal number when told to', () => {
    const histogram = new Histogram({ lowest: 2 ** -1022, highest: Number.MAX_VALUE, precisionBits: 1 })
    for (const value of [2 ** -1022, 1, Number.MAX_VALUE, Number.MAX_VALUE]) histogram.record(value)
    expect(histogram.percentile(75)).toBeGreaterThan(1e308)
    expect(histogram.percentile(50)).toBeCloseTo(1, 0)
  })

  it('has no values when empty, and again after reset', () => {
    const histogram = new Histogram()
    const summary = () => [histogram.count, histogram.mean, histogram.min, histogram.max, histogram.percentile(50)]
    const none = [0, Number.NaN, Number.NaN, Number.NaN, Number.NaN]
    expect(summary()).toEqual(none)
    histogram.record(5)
    expect(summary()).toEqual([1, 5, 5, 5, 5])
    histogram.reset()
    expect(summary()).toEqual(none)
  })

  it('refuses what is no duration, and counts nothing then', async () => {
    const histogram = new Histogram()
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      const message = await messageOf('HISTOGRAM_VALUE_INVALID', () => histogram.record(value))
      expect(message).toBe(`Histogram: a value must be finite and at least 0, not ${value}`)
    }
    for (const count of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      const message = await messageOf('OPTION_INVALID', () => histogram.record(5, count))
      expect(message).toBe(`Histogram: count must be an integer of at least 0, not ${count}`)
    }
    expect(histogram.count).toBe(0)
  })

  it('refuses to merge other buckets', async () => {
    for (const options of [{ lowest: 1 }, { highest: 10 }, { precisionBits: 3 }]) {
      await messageOf('HISTOGRAM_MISMATCH', () => new Histogram().merge(new Histogram(options)))
    }
  })

  it('refuses options out of bounds', async () => {
    const message = (action: () => unknown) => messageOf('OPTION_INVALID', action)
    expect(await message(() => new Histogram({ lowest: 5, highest: 5 }))).toBe(
      'Histogram: highest must be a finite number above 5, not 5',
    )
    await message(() => new Histogram({ lowest: 0 }))
    await message(() => new Histogram({ precisionBits: 15 }))
    await message(() => new Histogram().percentile(101))
  })
})
