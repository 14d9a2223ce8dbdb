import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Poisson } from '../../src/model/poisson.ts'

describe('Poisson', () => {
  test('is the formula of the specification, for 2,000 a second and 10 ms', () => {
    const arrivals = new Poisson(20)
    // 20^k e^-20 / k!
    for (const [k, probability] of [
      [0, 2.061153622438558e-9],
      [10, 0.005816306518345136],
      [20, 0.08883531739208522],
      [30, 0.00834353624563511],
    ] as const) {
      expect(arrivals.probability(k)).toBeCloseTo(probability, 14)
    }
  })

  test('of nothing is 0 for sure', () => {
    const never = new Poisson(0)
    expect([never.probability(0), never.probability(1), never.atLeast(1), never.meanUpTo(5)]).toEqual([1, 0, 0, 0])
  })

  test('is normal for a mean of a million, and takes no time', () => {
    const many = new Poisson(1e6)
    // Stirling's series of 1e6^1e6 e^-1e6 / 1e6!
    expect(many.probability(1e6)).toBeCloseTo((1 - 1 / 12e6) / Math.sqrt(2 * Math.PI * 1e6), 14)
    expect(many.quantile(0.5)).toBe(1e6)
    expect(many.atMost(1e6 + 1000)).toBeCloseTo(0.8415, 3)
    expect(many.most - many.least).toBeLessThan(30_000)
  })

  test('gives every number its place in the distribution', () => {
    const arrivals = new Poisson(3)
    for (let k = 0; k < 12; k++) {
      expect(arrivals.quantile(arrivals.atMost(k) - 1e-12)).toBe(k)
      expect(arrivals.atMost(k) + arrivals.atLeast(k + 1)).toBeCloseTo(1, 14)
    }
    expect([arrivals.atMost(-1), arrivals.atMost(1e9), arrivals.quantile(0)]).toEqual([0, 1, 0])
  })

  test('refuses what is no mean', () => {
    for (const mean of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => new Poisson(mean)).toThrow(/mean must be/)
  })

  test('has the sum 1, the mean and the variance of a Poisson distribution, whatever the mean', async () => {
    await holds(
      sound((mean) => new Poisson(mean)),
      60,
    )
  })

  test('unless its terms are powers over factorials', async () => {
    await fails(
      sound((mean) => new PowersOverFactorials(mean), 3),
      60,
    )
  })
})

function sound(make: (mean: number) => Pick<Poisson, 'least' | 'most' | 'probability'>, most = 6) {
  return fc.property(fc.double({ min: -6, max: most, noNaN: true }), (exponent) => {
    const mean = 10 ** exponent
    const arrivals = make(mean)
    let [sum, first, second] = [0, 0, 0]
    for (let k = arrivals.least; k <= arrivals.most; k++) {
      const probability = arrivals.probability(k)
      sum += probability
      first += probability * k
      second += probability * (k - mean) ** 2
    }
    return Math.abs(sum - 1) < 1e-9 && Math.abs(first / mean - 1) < 1e-9 && Math.abs(second / mean - 1) < 1e-6
  })
}

/** The formula as it is written. */
class PowersOverFactorials {
  readonly least = 0
  readonly most: number
  readonly #mean: number

  constructor(mean: number) {
    this.#mean = mean
    this.most = Math.ceil(mean + 40 * Math.sqrt(mean) + 40)
  }

  probability(k: number): number {
    let factorial = 1
    for (let factor = 2; factor <= k; factor++) factorial *= factor
    return (this.#mean ** k * Math.exp(-this.#mean)) / factorial
  }
}
