import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Quantile } from '../../src/learn/quantile.ts'
import { StuckQuantile } from '../mutants/stuck-quantile.ts'
import { fails, gaussFrom, holds, messageOf, randomFrom } from '../property.ts'

const shapes: Record<string, (random: () => number) => () => number> = {
  uniform: (random) => random,
  exponential: (random) => () => -Math.log(random()),
  'log-normal': (random) => {
    const gauss = gaussFrom(random)
    return () => Math.exp(gauss())
  },
}

/** After some thousand samples, the share of them below the estimate is the quantile within three hundredths. */
const estimates = (makeQuantile: (quantile: number) => Quantile) =>
  fc.property(
    fc.constantFrom(...Object.keys(shapes)),
    fc.integer(),
    fc.double({ min: 0.05, max: 0.95, noNaN: true }),
    fc.integer({ min: 3000, max: 6000 }),
    (shape, seed, share, length) => {
      const draw = shapes[shape]!(randomFrom(seed))
      const samples = Float64Array.from({ length }, draw)
      const quantile = makeQuantile(share)
      for (const sample of samples) quantile.observe(sample)
      const below = samples.filter((sample) => sample <= quantile.value).length / length
      expect(Math.abs(below - share)).toBeLessThan(0.03)
    },
  )

describe('Quantile', () => {
  it('estimates', () =>
    holds(
      estimates((quantile) => new Quantile({ quantile })),
      60,
    ))

  it('is caught when its markers do not move', () =>
    fails(
      estimates((quantile) => new StuckQuantile({ quantile })),
      60,
    ))

  it('is exact up to five samples, and within the samples ever after', () =>
    holds(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }), { minLength: 1 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (samples, share) => {
          const quantile = new Quantile({ quantile: share })
          const seen: number[] = []
          for (const sample of samples) {
            quantile.observe(sample)
            seen.push(sample)
            if (seen.length > 5) continue
            expect(quantile.value).toBe(seen.toSorted((a, b) => a - b)[Math.ceil(share * seen.length) - 1])
          }
          expect(quantile.count).toBe(samples.length)
          expect(quantile.value).toBeGreaterThanOrEqual(Math.min(...samples))
          expect(quantile.value).toBeLessThanOrEqual(Math.max(...samples))
        },
      ),
    ))

  it('has no value before the first sample, and ignores what is not finite', () => {
    const quantile = new Quantile({ quantile: 0.5 })
    quantile.observe(Number.NaN)
    quantile.observe(Number.NEGATIVE_INFINITY)
    expect([quantile.value, quantile.count]).toEqual([Number.NaN, 0])
  })

  it('goes through JSON', () =>
    holds(
      fc.property(fc.array(fc.integer()), fc.array(fc.integer()), (before, after) => {
        const quantile = new Quantile({ quantile: 0.9 })
        for (const sample of before) quantile.observe(sample)
        const copy = Quantile.from(JSON.parse(JSON.stringify(quantile)), { quantile: 0.9 })
        for (const sample of after) {
          quantile.observe(sample)
          copy.observe(sample)
        }
        expect([copy.value, copy.count]).toEqual([quantile.value, quantile.count])
      }),
    ))

  it('is as new after reset', () =>
    holds(
      fc.property(fc.array(fc.integer()), fc.array(fc.integer()), (before, after) => {
        const [used, fresh] = [new Quantile({ quantile: 0.9 }), new Quantile({ quantile: 0.9 })]
        for (const sample of before) used.observe(sample)
        used.reset()
        expect([used.value, used.count]).toEqual([Number.NaN, 0])
        for (const sample of after) {
          used.observe(sample)
          fresh.observe(sample)
          expect([used.value, used.count]).toEqual([fresh.value, fresh.count])
        }
        expect(used.toJSON()).toEqual(fresh.toJSON())
      }),
    ))

  it.each([
    [null],
    [{}],
    [[1, 'two']],
    [[1, 2, 3, 4, 5]],
    [[5, 4, 3, 2, 1, 1, 2, 3, 4, 5]],
    [[1, 2, 3, 4, 5, 2, 3, 4, 5, 6]],
    [[1, 2, 3, 4, 5, 1, 2, 2, 4, 5]],
    [[1, 2, 3, 4, 5, 1, 2, 3.5, 4, 5]],
  ])('starts fresh from %j', (json) => {
    expect(Quantile.from(json, { quantile: 0.5 }).count).toBe(0)
  })

  it('refuses a quantile out of bounds', async () => {
    expect(await messageOf('OPTION_INVALID', () => new Quantile({ quantile: 1 }))).toBe(
      'Quantile: quantile must be a finite number above 0 and below 1, not 1',
    )
  })
})
