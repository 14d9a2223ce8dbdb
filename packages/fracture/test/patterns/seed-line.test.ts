import { fails, holds, randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bordersAcross, LEAST_DISTANCE, lineThrough } from '../../src/patterns/seed-line.ts'

const reach = { minX: -2, minY: -2, maxX: 2, maxY: 2 }

/** Seeds along a line in any direction, off it by up to `breadth` and one of them by all of it. */
const strips = fc.tuple(fc.integer({ min: 4, max: 30 }), fc.double({ min: 0, max: 7, noNaN: true }), fc.nat())

function strip(count: number, angle: number, seed: number, breadth: number): Float64Array {
  const random = randomFrom(seed)
  const seeds = new Float64Array(2 * count)
  for (let at = 0; at < count; at++) {
    const along = at === 0 ? -0.5 : at === 1 ? 0.5 : random() - 0.5
    const off = at < 2 ? 0 : at === 2 ? breadth : breadth * random()
    seeds[2 * at] = along * Math.cos(angle) - off * Math.sin(angle)
    seeds[2 * at + 1] = along * Math.sin(angle) + off * Math.cos(angle)
  }
  return seeds
}

const tellsLines = (through: typeof lineThrough) =>
  fc.property(strips, ([count, angle, seed]) => {
    expect(through(strip(count, angle, seed, 0.9 * LEAST_DISTANCE))).toBeDefined()
    expect(through(strip(count, angle, seed, 1.1 * LEAST_DISTANCE))).toBeUndefined()
  })

describe('lineThrough', () => {
  it('finds the line of seeds that are as good as on one, and no other', () => holds(tellsLines(lineThrough)))
  it('would be caught looking along one axis', () =>
    fails(
      tellsLines((seeds) =>
        seeds.some((value, at) => at % 2 === 1 && Math.abs(value) > LEAST_DISTANCE) ? undefined : lineThrough(seeds),
      ),
    ))

  it('is any line for seeds that are one, and for none', () => {
    expect(lineThrough(Float64Array.of(1, 1, 1, 1))).toBeDefined()
    expect(lineThrough(new Float64Array(0))).toBeDefined()
  })
})

const halves = (across: typeof bordersAcross) =>
  fc.property(strips, ([count, angle, seed]) => {
    const seeds = strip(count, angle, seed, 0)
    const { points, cuts } = across(lineThrough(seeds)!, reach, seeds)
    const along = (x: number, y: number) => x * Math.cos(angle) + y * Math.sin(angle)
    const places = Array.from({ length: count }, (_, at) => along(seeds[2 * at]!, seeds[2 * at + 1]!)).toSorted(
      (a, b) => a - b,
    )
    const middles = places.slice(1).map((place, at) => (place + places[at]!) / 2)
    expect(cuts).toHaveLength(2 * middles.length)
    const cutPlaces = Array.from({ length: points.length / 2 }, (_, at) => along(points[2 * at]!, points[2 * at + 1]!))
    const ends = cutPlaces.toSorted((a, b) => a - b)
    for (const [at, middle] of middles.entries()) {
      expect(ends[2 * at]).toBeCloseTo(middle, 10)
      expect(ends[2 * at + 1]).toBeCloseTo(middle, 10)
    }
  })

describe('bordersAcross', () => {
  it('is half way between each two seeds', () => holds(halves(bordersAcross)))
  it('would be caught a little off', () =>
    fails(
      halves((line, within, seeds) => {
        const { points, cuts } = bordersAcross(line, within, seeds)
        return { points: points.map((value) => value * 1.001), cuts }
      }),
    ))
})
