import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Regression, type RegressionOptions } from '../../src/learn/regression.ts'
import { WindingRegression } from '../mutants/winding-regression.ts'
import { fails, gaussFrom, holds, messageOf, randomFrom, type Shape } from '../property.ts'

const PLANE = { dimension: 2, forgetting: 0.95 }
const MAX_TRACE = 20

const coordinate = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }))

/** However long the same few features come, the covariance stays symmetric, bounded and a covariance. */
const staysBounded = (makeFit: (options: RegressionOptions & { forgetting: number }) => Shape<Regression>) =>
  fc.property(
    fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 1, maxLength: 6 }),
    fc.integer({ min: 1, max: 400 }),
    (samples, rounds) => {
      const fit = makeFit(PLANE)
      for (let round = 0; round < rounds; round++) {
        const [x, z, y] = samples[round % samples.length]!
        fit.observe(Float64Array.of(x, z, y))
      }
      const [first, second, a, b, c, d] = fit.toJSON()
      expect(fit.trace).toBeLessThanOrEqual(MAX_TRACE * (1 + 1e-9))
      expect(b).toBe(c)
      expect(a! >= 0 && d! >= 0).toBe(true)
      expect(b! * b!).toBeLessThanOrEqual(a! * d! * (1 + 1e-6) + 1e-9)
      expect([first, second].every(Number.isFinite)).toBe(true)
    },
  )

/** Solves the normal equations of a ridge regression in two dimensions, by Cramer's rule. */
function solve(samples: readonly (readonly [number, number, number])[], ridge: number): [number, number] {
  let [xx, xz, zz, xy, zy] = [ridge, 0, ridge, 0, 0]
  for (const [x, z, y] of samples) {
    xx += x * x
    xz += x * z
    zz += z * z
    xy += x * y
    zy += z * y
  }
  const determinant = xx * zz - xz * xz
  return [(xy * zz - zy * xz) / determinant, (xx * zy - xz * xy) / determinant]
}

describe('Regression', () => {
  it('keeps its covariance bounded', () => holds(staysBounded((options) => new Regression(options))))

  it('is caught winding up', () => fails(staysBounded((options) => new WindingRegression(options))))

  it('is the least-squares solution when it forgets nothing', () =>
    holds(
      fc.property(
        fc.array(
          fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.integer({ min: -99, max: 99 })),
        ),
        (samples) => {
          const fit = new Regression({ dimension: 2, forgetting: 1 })
          for (const [x, z, y] of samples) fit.observe(Float64Array.of(x, z, y))
          const [first, second] = solve(samples, 1 / 10)
          expect(fit.coefficients[0]).toBeCloseTo(first, 5)
          expect(fit.coefficients[1]).toBeCloseTo(second, 5)
        },
      ),
    ))

  it('finds the coefficients in any number of dimensions, through noise', () =>
    holds(
      fc.property(
        fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 8 }),
        fc.integer(),
        (coefficients, seed) => {
          const gauss = gaussFrom(randomFrom(seed))
          const fit = new Regression({ dimension: coefficients.length, forgetting: 0.999 })
          const sample = new Float64Array(coefficients.length + 1)
          for (let round = 0; round < 2000; round++) {
            for (let index = 0; index < coefficients.length; index++) sample[index] = gauss()
            const y = coefficients.reduce((sum, weight, index) => sum + weight * sample[index]!, 0)
            sample[coefficients.length] = y + 0.1 * gauss()
            fit.observe(sample)
          }
          coefficients.forEach((weight, index) => {
            expect(Math.abs(fit.coefficients[index]! - weight)).toBeLessThan(0.05)
          })
        },
      ),
      50,
    ))

  it('follows a change, also after features stood still for long', () => {
    const fit = new Regression({ dimension: 2, forgetting: 0.95 })
    const random = randomFrom(1)
    const observe = (x: number, y: (x: number) => number) => fit.observe(Float64Array.of(1, x, y(x)))
    for (let round = 0; round < 200; round++) observe(random() * 4, (x) => 1 + 2 * x)
    expect(fit.predict(Float64Array.of(1, 3))).toBeCloseTo(7, 2)
    for (let round = 0; round < 5000; round++) observe(2, (x) => 1 + 2 * x)
    expect(fit.predict(Float64Array.of(1, 4))).toBeCloseTo(9, 2)
    for (let round = 0; round < 300; round++) observe(random() * 4, (x) => 10 - x)
    expect(fit.predict(Float64Array.of(1, 3))).toBeCloseTo(7, 1)
    expect(fit.coefficients[1]).toBeCloseTo(-1, 1)
  })

  it('ignores samples that are not finite, overflow, or say nothing', () => {
    const fit = new Regression({ dimension: 2, initial: [1, 2], initialVariance: 4 })
    const before = fit.toJSON()
    for (const [features, y] of [
      [[1, 1], Number.NaN],
      [[Number.NaN, 1], 1],
      [[1, Number.POSITIVE_INFINITY], 1],
      [[1e200, 1e200], 1],
      [[0, 0], 1],
    ] as const) {
      fit.observe(Float64Array.of(...features, y))
    }
    expect(fit.toJSON()).toEqual(before)
    expect(before).toEqual([1, 2, 4, 0, 0, 4])
  })

  it('goes through JSON', () => {
    const random = randomFrom(7)
    const fit = new Regression(PLANE)
    const learn = (to: Regression, x: number) => to.observe(Float64Array.of(1, x, 3 + x))
    for (let round = 0; round < 50; round++) learn(fit, random())
    const copy = Regression.from(JSON.parse(JSON.stringify(fit)), PLANE)
    learn(fit, 0.5)
    learn(copy, 0.5)
    expect(copy.toJSON()).toEqual(fit.toJSON())
  })

  it.each([
    [null],
    [[1, 2, 1, 0, 0]],
    [[1, null, 1, 0, 0, 1]],
    [[1, 2, -1, 0, 0, 1]],
    [[1, 2, 1, 0.5, 0.4, 1]],
    [[1, 2, 1, 2, 2, 1]],
    [[1, 2, 100, 0, 0, 1]],
  ])('starts fresh from %j', (json) => {
    expect(Regression.from(json, PLANE).toJSON()).toEqual(new Regression(PLANE).toJSON())
  })

  it('starts its covariance anew when that turns out not to be one', () => {
    // Each two features go together as these say, but not all three.
    const json = [0, 0, 0, 1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1]
    const fit = Regression.from(json, { dimension: 3 })
    expect(fit.toJSON()).toEqual(json)
    fit.observe(Float64Array.of(1, -1, 1, 5))
    expect(fit.toJSON()).toEqual(new Regression({ dimension: 3 }).toJSON())
  })

  it('refuses options out of bounds', async () => {
    const message = (options: RegressionOptions) => messageOf('OPTION_INVALID', () => new Regression(options))
    expect(await message({ dimension: 9 })).toBe(
      'Regression: dimension must be an integer of at least 1 and at most 8, not 9',
    )
    await message({ dimension: 2, forgetting: 0 })
    await message({ dimension: 2, initialVariance: 0 })
    await message({ dimension: 2, initial: [1] })
    await message({ dimension: 2, initial: [1, Number.NaN] })
  })
})
