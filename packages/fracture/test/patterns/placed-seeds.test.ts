import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CheckedParamsOf, checkParams } from '../../src/patterns/check-params.ts'
import type { FractureParams } from '../../src/patterns/fracture-params.ts'
import { PatternFrame } from '../../src/patterns/pattern-frame.ts'
import { RandomSource } from '../../src/patterns/random-source.ts'
import { impactSeeds } from '../../src/patterns/seeds/impact-seeds.ts'
import { poissonSeeds } from '../../src/patterns/seeds/poisson-seeds.ts'
import { randomSeeds } from '../../src/patterns/seeds/random-seeds.ts'
import { placedParams } from './params.ts'
import { boxOf, holed, moved, polygons, starOf } from './shapes.ts'

type PlacedParams = CheckedParamsOf<'random' | 'poisson' | 'impact'>
type PlaceSeeds = (frame: PatternFrame, params: PlacedParams, random: RandomSource) => Float64Array

const placeSeeds: PlaceSeeds = (frame, params, random) => {
  if (params.pattern === 'poisson') return poissonSeeds(frame, params, random)
  return params.pattern === 'impact' ? impactSeeds(frame, params, random) : randomSeeds(frame, params, random)
}

/** The least distance between two seeds. */
function spacing(seeds: Float64Array): number {
  let least = Number.POSITIVE_INFINITY
  for (let a = 0; a < seeds.length; a += 2) {
    for (let b = 0; b < a; b += 2) {
      least = Math.min(least, Math.hypot(seeds[a]! - seeds[b]!, seeds[a + 1]! - seeds[b + 1]!))
    }
  }
  return least
}

/** As many as there are to be, each another, within the box less the padding, the same again. */
const keepsItsWord = (place: PlaceSeeds) =>
  fc.property(polygons, placedParams, (polygon, given) => {
    const params = checkParams(given) as PlacedParams
    const frame = new PatternFrame(polygon)
    const seeds = place(frame, params, new RandomSource(params.seed))
    expect(seeds).toHaveLength(2 * params.fragmentCount)
    expect(spacing(seeds)).toBeGreaterThan(0)
    const padding = Math.min(params.edgePadding / frame.unit, frame.halfWidth / 2, frame.halfHeight / 2)
    for (let at = 0; at < seeds.length; at += 2) {
      expect(Math.abs(seeds[at]!)).toBeLessThanOrEqual(frame.halfWidth - padding + 1e-12)
      expect(Math.abs(seeds[at + 1]!)).toBeLessThanOrEqual(frame.halfHeight - padding + 1e-12)
    }
    expect(place(new PatternFrame(polygon), params, new RandomSource(params.seed))).toEqual(seeds)
  })

/** Twelve of this distance cover less than a sixth of any polygon below. */
const ample = { fragmentCount: 12, minCellDistance: 5, edgePadding: 5 }

/** Of polygons that fill much of their box, all seeds are within; and where there is ample room, they keep their distance. */
const findsItsPlace = (place: PlaceSeeds) =>
  fc.property(fc.constantFrom(starOf(5, 0.6), boxOf(100, 60), holed), placedParams, (polygon, given) => {
    const params = checkParams({ ...given, ...ample } as FractureParams) as PlacedParams
    const frame = new PatternFrame(polygon)
    const seeds = place(frame, params, new RandomSource(params.seed))
    for (let at = 0; at < seeds.length; at += 2) expect(frame.contains(seeds[at]!, seeds[at + 1]!)).toBe(true)
    expect(spacing(seeds)).toBeGreaterThan(4.999 / frame.unit)
  })

const square = new PatternFrame(boxOf(100, 100))

function seedsOf(given: FractureParams, frame = square): Float64Array {
  const params = checkParams(given) as PlacedParams
  return placeSeeds(frame, params, new RandomSource(params.seed))
}

/** The mean distance of seeds from a place, over many seeds of the random source. */
function meanDistance(given: FractureParams, x: number, y: number): number {
  let sum = 0
  for (let seed = 0; seed < 20; seed++) {
    const seeds = seedsOf({ ...given, fragmentCount: 50, edgePadding: 0, seed } as typeof given)
    for (let at = 0; at < seeds.length; at += 2) sum += Math.hypot(seeds[at]! - x, seeds[at + 1]! - y)
  }
  return sum / 1000
}

describe('seeds that are placed one by one', () => {
  it('are as many as they are to be, within the box, and the same again', () => holds(keepsItsWord(placeSeeds)))
  it('would be caught without padding', () =>
    fails(keepsItsWord((frame, params, random) => placeSeeds(frame, { ...params, edgePadding: 0 }, random))))
  it('would be caught with luck of their own', () =>
    fails(keepsItsWord((frame, params) => placeSeeds(frame, params, new RandomSource(Math.random() * 2 ** 32)))))

  it('are within the polygon and keep their distance', () => holds(findsItsPlace(placeSeeds)))
  it('would be caught anywhere in the box', () =>
    fails(
      findsItsPlace((frame, params, random) => {
        const box = new PatternFrame(boxOf(2 * frame.halfWidth, 2 * frame.halfHeight))
        return placeSeeds(box, { ...params, edgePadding: 0, minCellDistance: 0.05 }, random)
      }),
    ))
  it('would be caught at no distance', () =>
    fails(
      findsItsPlace((frame, params, random) =>
        randomSeeds(frame, { fragmentCount: 12, minCellDistance: 0, edgePadding: params.edgePadding }, random),
      ),
    ))

  it('are as far apart as there is room, when more is asked for', () => {
    const [free, apart] = [0, 1000].map((minCellDistance) => spacing(seedsOf({ fragmentCount: 16, minCellDistance })))
    expect(apart).toBeGreaterThan(3 * free!)
  })

  it('are evenly apart with poisson', () => {
    for (const fragmentCount of [2, 5, 16, 100]) {
      for (let seed = 0; seed < 10; seed++) {
        const [random, poisson] = (['random', 'poisson'] as const).map((pattern) =>
          spacing(seedsOf({ pattern, fragmentCount, seed })),
        )
        // Of 1 / n of the area each, hexagons would be 1.07 apart.
        expect(poisson).toBeGreaterThan(0.6 * Math.sqrt(0.81 / fragmentCount))
        if (fragmentCount >= 16) expect(poisson).toBeGreaterThan(2 * random!)
      }
    }
  })

  it('are in a thin frame around a hole, poisson too', () => {
    const frame = new PatternFrame(holed)
    const seeds = seedsOf({ pattern: 'poisson', fragmentCount: 40 }, frame)
    for (let at = 0; at < seeds.length; at += 2) expect(frame.contains(seeds[at]!, seeds[at + 1]!)).toBe(true)
    const counts = [0, 0, 0, 0]
    for (let at = 0; at < seeds.length; at += 2) counts[(seeds[at]! > 0 ? 1 : 0) + (seeds[at + 1]! > 0 ? 2 : 0)]!++
    for (const count of counts) expect(count).toBeGreaterThan(5)
  })

  it('are near the impact, the nearer the quicker they grow', () => {
    const impact = { x: 75, y: 50 }
    const distances = [0.2, 1, 3, 10].map((falloff) => meanDistance({ pattern: 'impact', impact, falloff }, 0.25, 0))
    expect(distances).toEqual(distances.toSorted((a, b) => b - a))
    expect(distances[3]).toBeLessThan(distances[0]! / 3)
    expect(distances[1]).toBeLessThan(meanDistance({}, 0.25, 0) * 0.8)
  })

  it('are as many in each ring with a falloff of 1', () => {
    const counts = [0, 0, 0, 0, 0]
    for (let seed = 0; seed < 100; seed++) {
      const seeds = seedsOf({ pattern: 'impact', fragmentCount: 20, edgePadding: 0, seed })
      for (let at = 0; at < seeds.length; at += 2) {
        const ring = Math.floor(Math.hypot(seeds[at]!, seeds[at + 1]!) * 10)
        if (ring < 5) counts[ring]!++
      }
    }
    const mean = counts.reduce((sum, count) => sum + count, 0) / 5
    for (const count of counts) expect(Math.abs(count - mean)).toBeLessThan(mean / 6)
  })

  it('are near the border, when the impact was outside', () => {
    const far = meanDistance({ pattern: 'impact', impact: { x: 1e9, y: 50 } }, 0.5, 0)
    expect(far).toBeCloseTo(meanDistance({ pattern: 'impact', impact: { x: 100, y: 50 } }, 0.5, 0), 10)
    expect(far).toBeLessThan(meanDistance({}, 0.5, 0))
  })

  it('are in as good a place whatever the size of the polygon', () => {
    const seeds = seedsOf({ pattern: 'impact', edgePadding: 0 })
    const elsewhere = new PatternFrame(moved(boxOf(100, 100), 2 ** 40, 2 ** 50, -(2 ** 50)))
    expect(seedsOf({ pattern: 'impact', edgePadding: 0 }, elsewhere)).toEqual(seeds)
  })
})
