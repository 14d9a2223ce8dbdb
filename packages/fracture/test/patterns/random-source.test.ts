import { describe, expect, it } from 'vitest'
import { RandomSource } from '../../src/patterns/random-source.ts'

const DRAWS = 4096

/** Pearson's chi squared of pairs of draws over 16 × 16 squares: about 255 for a good source, 345 or less in 9,999 of 10,000 runs. */
function unevenness(next: () => number, other: () => number): number {
  const counts = new Int32Array(256)
  for (let draw = 0; draw < DRAWS; draw++) counts[16 * Math.floor(16 * next()) + Math.floor(16 * other())]!++
  const expected = DRAWS / 256
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

describe('RandomSource', () => {
  it('gives the same numbers for the same seed, for ever', () => {
    const random = new RandomSource(1)
    expect(Array.from({ length: 4 }, () => random.next() * 2 ** 32)).toEqual(FIRST_OF_SEED_1)
  })

  it('stays from 0 to below 1, and within what it is asked for', () => {
    const random = new RandomSource(7)
    for (let draw = 0; draw < DRAWS; draw++) {
      const value = random.next()
      if (value < 0 || value >= 1 || Math.abs(random.within(3)) > 3) expect.fail(`got ${value}`)
    }
  })

  it('is even: one draw and the next, one seed and the next', () => {
    for (const seed of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
      const random = new RandomSource(seed)
      expect(
        unevenness(
          () => random.next(),
          () => random.next(),
        ),
      ).toBeLessThan(345)
      let at = 0
      const firstOf = (step: number) => new RandomSource(seed + 2 * at++ + step).next()
      expect(
        unevenness(
          () => firstOf(0),
          () => firstOf(0),
        ),
      ).toBeLessThan(345)
    }
  })

  it('would be caught uneven', () => {
    let at = 0
    const counter = () => (at++ % 1000) / 1000
    expect(unevenness(counter, counter)).toBeGreaterThan(345)
  })

  it('takes seeds with the same lowest 32 bits for one', () => {
    expect(new RandomSource(-1).next()).toBe(new RandomSource(2 ** 32 - 1).next())
    expect(new RandomSource(0).next()).not.toBe(new RandomSource(1).next())
  })
})

/** Of the published recurrences, written down a second time with integers of any size. */
const FIRST_OF_SEED_1 = [792_534_090, 3_215_351_813, 160_231_488, 1_151_041_103]
