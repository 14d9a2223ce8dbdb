import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normalFrom, seededRandom } from '../src/seeded-random.ts'
import { fails, holds } from './property.ts'

const COUNT = 4000

/** Each sixteenth of what is between 0 and 1 has its share, and a number says nothing of the next: by chi-square, of which one in a million is above. */
function isUniform(make: (seed: number) => () => number) {
  return fc.property(fc.integer(), (seed) => {
    const random = make(seed)
    const single = new Float64Array(16)
    const pairs = new Float64Array(16)
    let before = random()
    for (let each = 0; each < COUNT; each++) {
      const next = random()
      expect(next).toBeGreaterThan(0)
      expect(next).toBeLessThan(1)
      single[Math.floor(16 * next)]!++
      pairs[4 * Math.floor(4 * before) + Math.floor(4 * next)]!++
      before = next
    }
    for (const counts of [single, pairs]) {
      const expected = COUNT / 16
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
      expect(chiSquare).toBeLessThan(60)
    }
  })
}

describe('seededRandom', () => {
  test('the same for the same seed, on every machine', () => {
    const [one, same, other] = [seededRandom(7), seededRandom(7 + 2 ** 32), seededRandom(8)]
    const numbers = Array.from({ length: 3 }, one)
    expect(numbers).toEqual(Array.from({ length: 3 }, same))
    expect(numbers).not.toEqual(Array.from({ length: 3 }, other))
    expect(numbers.map((each) => Math.floor(each * 1e6))).toEqual([11_704, 61_958, 976_907])
  })

  test('uniform', () => holds(isUniform(seededRandom), 100))

  test('the property fails for a state that is not mixed', () =>
    fails(
      isUniform((seed) => {
        let state = seed >>> 0
        return () => {
          state = (state + 0x6d2b79f5) >>> 0
          return (state + 0.5) / 2 ** 32
        }
      }),
    ))
})

describe('normalFrom', () => {
  test('mean 0, variance 1, and tails as they should be', () => {
    const normal = normalFrom(seededRandom(1))
    const numbers = Array.from({ length: 50_000 }, normal)
    const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length
    const variance = numbers.reduce((sum, each) => sum + (each - mean) ** 2, 0) / numbers.length
    const beyondTwo = numbers.filter((each) => Math.abs(each) > 2).length / numbers.length
    expect(mean).toBeCloseTo(0, 1)
    expect(variance).toBeCloseTo(1, 1)
    expect(beyondTwo).toBeCloseTo(0.0455, 2)
  })
})
