import { fails, holds, messageOf } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecentQuantile, type RecentQuantileOptions } from '../../src/learn/recent-quantile.ts'
import { HoardingQuantile } from '../mutants/hoarding-quantile.ts'

const isExact = (make: (options: RecentQuantileOptions) => RecentQuantile) =>
  fc.property(
    fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    fc.integer({ min: 1, max: 20 }),
    fc.array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noDefaultInfinity: true })), { maxLength: 80 }),
    (share, samples, stream) => {
      const quantile = make({ quantile: share, samples })
      const seen: number[] = []
      for (const sample of stream) {
        quantile.observe(sample)
        if (!Number.isNaN(sample)) seen.push(sample)
        const last = seen.slice(-samples).toSorted((a, b) => a - b)
        expect(quantile.count).toBe(last.length)
        // -0 and 0 are one number here.
        expect(quantile.value + 0).toBe((last[Math.ceil(share * last.length) - 1] ?? Number.NaN) + 0)
      }
    },
  )

describe('RecentQuantile', () => {
  it('is that of the last samples, sorted', () => holds(isExact((options) => new RecentQuantile(options))))

  it('is caught when it forgets nothing', () => fails(isExact((options) => new HoardingQuantile(options))))

  it('has no value before the first sample', () => {
    const quantile = new RecentQuantile({ quantile: 0.5, samples: 3 })
    quantile.observe(Number.POSITIVE_INFINITY)
    expect([quantile.value, quantile.count]).toEqual([Number.NaN, 0])
  })

  it('checks its options', async () => {
    expect(await messageOf('OPTION_INVALID', () => new RecentQuantile({ quantile: 1, samples: 3 }))).toBe(
      'RecentQuantile: quantile must be a finite number above 0 and below 1, not 1',
    )
    await messageOf('OPTION_INVALID', () => new RecentQuantile({ quantile: 0.5, samples: 0 }))
  })
})
