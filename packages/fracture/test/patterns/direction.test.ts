import { describe, expect, it } from 'vitest'
import { directionAt, directionOf, randomDirection } from '../../src/patterns/direction.ts'
import { RandomSource } from '../../src/patterns/random-source.ts'

type DirectionAt = typeof directionAt

function worstError(at: DirectionAt): number {
  let worst = 0
  for (let step = -3000; step <= 3000; step++) {
    const turns = step / 1000
    const { x, y } = at(turns)
    const angle = 2 * Math.PI * (turns - Math.floor(turns))
    worst = Math.max(worst, Math.abs(x - Math.cos(angle)), Math.abs(y - Math.sin(angle)))
  }
  return worst
}

describe('directionAt', () => {
  it('is what cosine and sine are, to the last bits', () => expect(worstError(directionAt)).toBeLessThan(1e-15))

  it('would be caught with a term too few', () => {
    const short: DirectionAt = (turns) => {
      const angle = 2 * Math.PI * (turns - Math.round(turns))
      return { x: 1 - angle ** 2 / 2, y: angle }
    }
    expect(worstError(short)).toBeGreaterThan(1e-3)
  })

  it('has whole quarters exactly', () => {
    const quarters = [0, 0.25, 0.5, 0.75, 1, -0.25].map(directionAt)
    expect(quarters.map(({ x, y }) => [x + 0, y + 0])).toEqual([
      [1, 0],
      [0, 1],
      [-1, 0],
      [0, -1],
      [1, 0],
      [0, -1],
    ])
    expect(directionOf(Math.PI / 2).y).toBe(1)
  })

  it('is a unit vector for any number', () => {
    for (const turns of [1e300, -1e300, 2 ** 53, 1e-300, -1e-300, Number.MAX_VALUE]) {
      const { x, y } = directionAt(turns)
      expect(Math.hypot(x, y)).toBeCloseTo(1, 14)
    }
  })

  it('has the same bits for ever', () => {
    expect(directionAt(0.1)).toEqual({ x: 0.8090169943749473, y: 0.5877852522924731 })
  })
})

describe('randomDirection', () => {
  it('has unit length, and every eighth of a turn its share', () => {
    const random = new RandomSource(3)
    const counts = new Int32Array(8)
    for (let draw = 0; draw < 8000; draw++) {
      const { x, y } = randomDirection(random)
      expect(Math.hypot(x, y)).toBeCloseTo(1, 14)
      counts[Math.floor(((Math.atan2(y, x) / Math.PI + 1) * 4) % 8)]!++
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(120)
  })
})
