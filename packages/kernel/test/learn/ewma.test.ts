import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ewma } from '../../src/learn/ewma.ts'
import { ColdEwma } from '../mutants/cold-ewma.ts'
import { fails, holds, messageOf, type Shape } from '../property.ts'

const samples = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 60, size: 'max' })
const alphas = fc.double({ min: 0.02, max: 1, noNaN: true })

/** The mean of the first samples, and later always between the least and the greatest of all. */
const averages = (makeEwma: (alpha: number) => Shape<Ewma>) =>
  fc.property(samples, alphas, (observed, alpha) => {
    const ewma = makeEwma(alpha)
    let sum = 0
    for (const [index, sample] of observed.entries()) {
      ewma.observe(sample)
      sum += sample
      if (index + 1 <= 1 / alpha) expect(ewma.value).toBeCloseTo(sum / (index + 1), 8)
    }
    expect(ewma.count).toBe(observed.length)
    expect(ewma.value).toBeGreaterThanOrEqual(Math.min(...observed) - 1e-9)
    expect(ewma.value).toBeLessThanOrEqual(Math.max(...observed) + 1e-9)
  })

describe('Ewma', () => {
  it('averages', () => holds(averages((alpha) => new Ewma({ alpha }))))

  it('is caught when it starts from 0', () => fails(averages((alpha) => new ColdEwma(alpha))))

  it('follows a change', () => {
    const ewma = new Ewma({ alpha: 0.1 })
    for (let index = 0; index < 100; index++) ewma.observe(1)
    for (let index = 0; index < 50; index++) ewma.observe(5)
    expect(ewma.value).toBeCloseTo(5 - 4 * 0.9 ** 50, 8)
  })

  it('has no value before the first sample, and ignores what is not finite', () => {
    const ewma = new Ewma()
    for (const sample of [Number.NaN, Number.POSITIVE_INFINITY]) ewma.observe(sample)
    expect([ewma.value, ewma.count]).toEqual([Number.NaN, 0])
  })

  it('goes through JSON', () =>
    holds(
      fc.property(fc.array(fc.integer()), samples, (before, after) => {
        const ewma = new Ewma()
        for (const sample of before) ewma.observe(sample)
        const copy = Ewma.from(JSON.parse(JSON.stringify(ewma)))
        for (const sample of after) {
          ewma.observe(sample)
          copy.observe(sample)
        }
        expect([copy.value, copy.count]).toEqual([ewma.value, ewma.count])
      }),
    ))

  it.each([[null], ['[1,2]'], [[1]], [[1, 2, 3]], [['1', 2]], [[null, 2]], [[1, 0]], [[1, 1.5]], [[1, '2']]])(
    'starts fresh from %j',
    (json) => {
      expect(Ewma.from(json).count).toBe(0)
    },
  )

  it('refuses an alpha out of bounds', async () => {
    expect(await messageOf('OPTION_INVALID', () => new Ewma({ alpha: 0 }))).toBe(
      'Ewma: alpha must be a finite number above 0 and at most 1, not 0',
    )
  })
})
