import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkParams, decodeParams, encodeParams } from '../../src/patterns/check-params.ts'
import type { FractureParams } from '../../src/patterns/fracture-params.ts'
import { PATTERNS } from '../../src/patterns/pattern-fields.ts'
import { PatternFrame } from '../../src/patterns/pattern-frame.ts'
import { networkOf } from '../../src/patterns/pattern-network.ts'
import { anyParams } from './params.ts'
import { boxOf, crossings, cutsBetween, cutsOf, moved, polygonOf, polygons, starOf } from './shapes.ts'

type NetworkOf = typeof networkOf

/** All is finite, near the polygon, of points that are there, and the same again, wherever it is made. */
const keepsItsWord = (network: NetworkOf) =>
  fc.property(polygons, anyParams, (polygon, given) => {
    const params = checkParams(given)
    const { points, cuts } = network(polygon, params)
    const { minX, minY, maxX, maxY } = new PatternFrame(polygon).reachInPolygon()
    const slack = 1e-12 * Math.max(maxX - minX, Math.abs(maxX), Math.abs(maxY))
    for (let at = 0; at < points.length; at += 2) {
      const [x, y] = [points[at]!, points[at + 1]!]
      if (!(x >= minX - slack && x <= maxX + slack && y >= minY - slack && y <= maxY + slack)) expect.fail(`${x}, ${y}`)
    }
    expect(new Set(cuts)).toEqual(new Set(Array.from({ length: points.length / 2 }, (_, point) => point)))
    expect(network(polygon, decodeParams(encodeParams(params)))).toEqual({ points, cuts })
  })

/** These have no cuts that cross; slices in a grid or anywhere do. */
const uncrossed = anyParams.filter(
  ({ pattern = 'random' }) => !['grid-slices', 'chaotic-slices', 'manual-slices'].includes(pattern),
)

const neverCrosses = (network: NetworkOf) =>
  fc.property(fc.constantFrom(boxOf(100, 70), starOf(7, 0.5)), uncrossed, (polygon, params) => {
    expect(crossings(network(polygon, checkParams(params)), 1e-7)).toBe(0)
  })

const square = boxOf(100, 100)

const make = (params: FractureParams, polygon = square) => networkOf(polygon, checkParams(params))

/** Sums up all bytes, one way (FNV-1a). */
function hashOf(...arrays: readonly (Float64Array | Int32Array)[]): number {
  let hash = 0x811c9dc5
  for (const { buffer, byteOffset, byteLength } of arrays) {
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) hash = Math.imul(hash ^ byte, 0x01000193)
  }
  return hash >>> 0
}

describe('networkOf', () => {
  it('is finite, near the polygon and the same again', () => holds(keepsItsWord(networkOf), 500))
  it('would be caught far away', () =>
    fails(
      keepsItsWord((polygon, params) => {
        const { points, cuts } = networkOf(polygon, params)
        return { points: points.map((value) => value * 10), cuts }
      }),
    ))

  it('does not cross itself, but for slices', () => holds(neverCrosses(networkOf)))
  it('would be caught with two patterns at once', () =>
    fails(
      neverCrosses((polygon, params) => {
        const one = networkOf(polygon, params)
        const two = make({ pattern: 'parallel-slices', angle: 1 }, polygon)
        return {
          points: Float64Array.of(...one.points, ...two.points),
          cuts: Int32Array.of(...one.cuts, ...two.cuts.map((point) => point + one.points.length / 2)),
        }
      }),
    ))

  it('has the same bytes for the same seed, for ever', () => {
    const polygon = polygonOf([0, 0, 37, 3, 41, 29, 20, 12, -5, 33])
    const slices = [
      [
        { x: 0, y: 5 },
        { x: 40, y: 20 },
      ],
    ]
    const hashes = PATTERNS.map((pattern) => {
      const { points, cuts } = make(
        { pattern, seed: 42, ...(pattern === 'manual-slices' ? { slices } : {}) } as FractureParams,
        polygon,
      )
      return [pattern, hashOf(points, cuts)]
    })
    expect(Object.fromEntries(hashes)).toEqual(HASHES)
  })

  it('is another for another seed', () => {
    for (const pattern of PATTERNS) {
      if (pattern === 'manual-slices' || pattern === 'grid-slices') continue
      expect(make({ pattern, seed: 1 })).not.toEqual(make({ pattern, seed: 2 }))
    }
  })

  it('grows with the polygon and goes with it', () => {
    for (const pattern of PATTERNS) {
      if (pattern === 'manual-slices') continue
      const params = {
        pattern,
        ...('edgePadding' in checkParams({ pattern }) ? { edgePadding: 0 } : {}),
      } as FractureParams
      const here = make(params, boxOf(128, 64))
      const there = make(params, moved(boxOf(128, 64), 2 ** -30, 2 ** -20, -(2 ** -20)))
      expect(there.cuts).toEqual(here.cuts)
      for (const [at, value] of here.points.entries()) {
        const expected = value * 2 ** -30 + (at % 2 === 0 ? 2 ** -20 : -(2 ** -20))
        expect(Math.abs(there.points[at]! - expected)).toBeLessThan(2 ** -60)
      }
    }
  })

  it('is nothing for a polygon without extent', () => {
    expect(make({}, polygonOf([5, 5, 5, 5, 5, 5])).cuts).toHaveLength(0)
  })
})

describe('slices', () => {
  it('leave a middle in all directions, evenly', () => {
    const cuts = cutsOf(make({ pattern: 'radial-slices', sliceCount: 4, jitter: 0 }))
    expect(cuts.map(([from]) => from)).toEqual(Array(4).fill({ x: 50, y: 50 }))
    expect(cuts.map(([, to]) => to)).toEqual([
      { x: 125, y: 50 },
      { x: 50, y: 125 },
      { x: -25, y: 50 },
      { x: 50, y: -25 },
    ])
  })

  it('come from a middle outside', () => {
    const cuts = cutsOf(make({ pattern: 'radial-slices', sliceCount: 200, center: { x: -1000, y: 50 } }))
    expect(cuts.length).toBeGreaterThan(2)
    expect(cuts.length).toBeLessThan(10)
  })

  it('lie side by side, evenly, at any angle', () => {
    for (const [angle, at] of [
      [0, 'y'],
      [Math.PI / 2, 'x'],
      [-Math.PI / 2, 'x'],
    ] as const) {
      const cuts = cutsOf(make({ pattern: 'parallel-slices', sliceCount: 3, angle, jitter: 0 }))
      expect(cuts.map(([from]) => from[at]).toSorted((a, b) => a - b)).toEqual([25, 50, 75])
      expect(cuts.map(([from, to]) => from[at] - to[at])).toEqual([0, 0, 0])
    }
  })

  it('make rows and columns', () => {
    const network = make({ pattern: 'grid-slices', rows: 3, cols: 5 })
    expect(network.cuts).toHaveLength(2 * 6)
    expect(cutsBetween(network, 1, 1, 1, 99)).toBe(2)
    expect(cutsBetween(network, 1, 1, 99, 1)).toBe(4)
    expect(make({ pattern: 'grid-slices', rows: 1, cols: 1 }).cuts).toHaveLength(0)
  })

  it('stay in order, however they jitter', () => {
    for (let seed = 0; seed < 50; seed++) {
      const cuts = cutsOf(make({ pattern: 'parallel-slices', sliceCount: 9, jitter: 1, seed }))
      const places = cuts.map(([from]) => from.y)
      expect(places).toEqual(places.toSorted((a, b) => a - b))
      expect(places[0]).toBeGreaterThan(0)
      expect(places.at(-1)).toBeLessThan(100)
    }
  })

  it('each go through the polygon, though anywhere', () => {
    const star = new PatternFrame(starOf(5, 0.3))
    const network = make({ pattern: 'chaotic-slices', sliceCount: 50 }, starOf(5, 0.3))
    expect(network.cuts).toHaveLength(100)
    for (const [from, to] of cutsOf(network)) {
      let within = false
      for (let step = 0; step <= 2000; step++) {
        const { x, y } = star.pointOf({
          x: from.x + (step / 2000) * (to.x - from.x),
          y: from.y + (step / 2000) * (to.y - from.y),
        })
        within ||= star.contains(x, y)
      }
      expect(within).toBe(true)
    }
  })

  it('are as they were given, to the bit', () => {
    const slices = [
      [
        { x: 0.1, y: 0.2 },
        { x: 99.9, y: 1 / 3 },
        { x: 50, y: 1e9 },
      ],
    ]
    const polygon = moved(square, 1, 1e-5, 3e-5)
    const { points, cuts } = make({ pattern: 'manual-slices', slices }, polygon)
    expect([...points.slice(0, 4)]).toEqual([0.1, 0.2, 99.9, 1 / 3])
    expect(cuts).toEqual(Int32Array.of(0, 1, 1, 2))
    expect(points[5]).toBeCloseTo(125.00003, 9)
  })
})

describe('a spiderweb', () => {
  it('has spokes to the end of its reach, and threads between them', () => {
    const [ringCount, pointsPerRing] = [2, 6]
    const { points, cuts } = make({ pattern: 'spiderweb', ringCount, pointsPerRing, radialVariation: 0 })
    expect(points).toHaveLength(2 * (1 + (ringCount + 1) * pointsPerRing))
    expect(cuts).toHaveLength(2 * ((ringCount + 1) * pointsPerRing + ringCount * pointsPerRing))
    const degrees = new Int32Array(points.length / 2)
    for (const point of cuts) degrees[point]!++
    expect([...degrees].toSorted((a, b) => b - a)).toEqual([6, ...Array(12).fill(4), ...Array(6).fill(1)])
  })

  it('crosses no spoke with a thread, even of three that are very uneven', () => {
    for (let seed = 0; seed < 200; seed++) {
      const network = make({ pattern: 'spiderweb', pointsPerRing: 3, radialVariation: 1, seed })
      expect(crossings(network, 1e-9)).toBe(0)
    }
  })
})

/** A change here changes what every saved game breaks into. */
const HASHES = {
  random: 958576420,
  poisson: 2204399511,
  impact: 2647463591,
  grid: 2488427445,
  radial: 4179132045,
  spiderweb: 1718575865,
  'radial-slices': 669690747,
  'parallel-slices': 3249786582,
  'grid-slices': 2114611549,
  'chaotic-slices': 415061729,
  'manual-slices': 1067907088,
}
