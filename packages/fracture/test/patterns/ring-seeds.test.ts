import { describe, expect, it } from 'vitest'
import { type CheckedParamsOf, checkParams } from '../../src/patterns/check-params.ts'
import type { GridParams, RadialParams } from '../../src/patterns/fracture-params.ts'
import { PatternFrame } from '../../src/patterns/pattern-frame.ts'
import { RandomSource } from '../../src/patterns/random-source.ts'
import { gridSeeds } from '../../src/patterns/seeds/grid-seeds.ts'
import { radialSeeds } from '../../src/patterns/seeds/radial-seeds.ts'
import { boxOf } from './shapes.ts'

const frame = new PatternFrame(boxOf(100, 50))

const grid = (params: Omit<GridParams, 'pattern'>) =>
  gridSeeds(frame, checkParams({ pattern: 'grid', ...params }) as CheckedParamsOf<'grid'>, new RandomSource(1))

const radial = (params: Omit<RadialParams, 'pattern'>) =>
  radialSeeds(frame, checkParams({ pattern: 'radial', ...params }) as CheckedParamsOf<'radial'>, new RandomSource(1))

describe('gridSeeds', () => {
  it('are in the middle of their places', () => {
    expect(grid({ rows: 1, cols: 2, jitter: 0 })).toEqual(Float64Array.of(-0.25, 0, 0.25, 0))
    expect(grid({ rows: 2, cols: 1, jitter: 0 })).toEqual(Float64Array.of(0, -0.125, 0, 0.125))
  })

  it('stay within their places, and use them', () => {
    const [rows, cols] = [4, 10]
    const seeds = grid({ rows, cols, jitter: 1 })
    const still = grid({ rows, cols, jitter: 0 })
    expect(seeds).toHaveLength(2 * rows * cols)
    let farthest = 0
    for (const [at, value] of seeds.entries()) {
      const half = at % 2 === 0 ? 0.5 / cols : 0.25 / rows
      const share = Math.abs(value - still[at]!) / half
      expect(share).toBeLessThanOrEqual(1 + 1e-12)
      farthest = Math.max(farthest, share)
    }
    expect(farthest).toBeGreaterThan(0.9)
  })
})

describe('radialSeeds', () => {
  it('are one in the middle and the others on rings', () => {
    const seeds = radial({ ringRadii: [0.5, 1], pointsPerRing: 4, radialVariation: 0, center: { x: 0, y: 0 } })
    const farthest = Math.hypot(1, 0.5)
    expect([...seeds.slice(0, 4)]).toEqual([-0.5, -0.25, farthest / 2 - 0.5, -0.25])
    expect(seeds[5]).toBeCloseTo(farthest / 2 - 0.25, 12)
    expect(seeds[10]).toBeCloseTo(farthest - 0.5, 12)
    expect(seeds).toHaveLength(2 * 9)
  })

  it('stay nearer to their places than to their neighbours’', () => {
    const [rings, points] = [5, 9]
    const seeds = radial({ ringCount: rings, pointsPerRing: points, radialVariation: 1 })
    const farthest = Math.hypot(0.5, 0.25)
    for (let at = 1; 2 * at < seeds.length; at++) {
      const [x, y] = [seeds[2 * at]!, seeds[2 * at + 1]!]
      const ring = (Math.hypot(x, y) / farthest) * (rings + 1) - 1
      expect(Math.abs(ring - Math.floor((at - 1) / points))).toBeLessThanOrEqual(0.5 + 1e-9)
      const turns = (Math.atan2(y, x) / (2 * Math.PI)) * points - ((at - 1) % points)
      expect(Math.abs(turns - points * Math.round(turns / points))).toBeLessThanOrEqual(0.5 + 1e-9)
    }
  })
})
