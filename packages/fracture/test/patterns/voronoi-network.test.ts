import { fails, holds, randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LEAST_DISTANCE, lineThrough } from '../../src/patterns/seed-line.ts'
import { voronoiNetwork } from '../../src/patterns/voronoi-network.ts'
import { crossings, cutsBetween } from './shapes.ts'

/** Of the polygon's longer side; what the nearest seeds that are not one make of the rounding of numbers. */
const TOLERANCE = 1e-9

type VoronoiNetwork = typeof voronoiNetwork

const reach = { minX: -0.75, minY: -0.5, maxX: 0.75, maxY: 0.5 }

const coordinate = fc.double({ min: -0.5, max: 0.5, noNaN: true })
const step = fc.integer({ min: -8, max: 8 }).map((value) => value / 16)
const anywhere = fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 40 })
/** Many on one circle, on one line, or at the same place. */
const latticed = fc.array(fc.tuple(step, step), { minLength: 1, maxLength: 40 })
/** Nearly on one line, so that circumcentres are anywhere from near to endless. */
const flat = fc
  .tuple(fc.array(coordinate, { minLength: 2, maxLength: 20 }), fc.constantFrom(1e-2, 1e-3, 1e-4), fc.nat())
  .map(([along, breadth, seed]) => {
    const random = randomFrom(seed)
    return along.map((x) => [x, x / 3 + breadth * random()] as [number, number])
  })
const onCircle = fc
  .tuple(fc.integer({ min: 3, max: 24 }), fc.double({ min: 0.01, max: 0.5, noNaN: true }))
  .map(([count, radius]) =>
    Array.from({ length: count }, (_, at): [number, number] => {
      const angle = (2 * Math.PI * at) / count
      return [radius * Math.cos(angle), radius * Math.sin(angle)]
    }),
  )
/** Some much nearer to another than others. */
const clustered = fc
  .tuple(
    fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 8 }),
    fc.constantFrom(1e-2, 1e-4, 3e-6),
    fc.nat(),
  )
  .map(([places, breadth, seed]) => {
    const random = randomFrom(seed)
    return places.flatMap(([x, y]) =>
      [0, 1, 2].map((): [number, number] => [x * 0.9 + breadth * random(), y * 0.9 + breadth * random()]),
    )
  })
/** Seeds are at the same place or clearly apart; in between it is open which of them stays. */
function clearlyApart(places: readonly (readonly [number, number])[]): Float64Array {
  const kept: (readonly [number, number])[] = []
  for (const [x, y] of places) {
    const distances = kept.map(([otherX, otherY]) => Math.hypot(otherX - x, otherY - y))
    if (distances.every((distance) => distance === 0 || distance > LEAST_DISTANCE)) kept.push([x, y])
  }
  return Float64Array.from(kept.flat())
}

/** Seeds as good as on a line have borders of their own, which are tested on their own. */
const seedSets = fc
  .oneof(anywhere, latticed, flat, onCircle, clustered)
  .map(clearlyApart)
  .filter((seeds) => seeds.length <= 4 || lineThrough(seeds) === undefined)

/** The nearest seed's number, and how much farther the next one is that stands elsewhere. */
function nearest(seeds: Float64Array, x: number, y: number) {
  let seed = -1
  let least = Number.POSITIVE_INFINITY
  const distanceOf = (at: number) => Math.hypot(seeds[2 * at]! - x, seeds[2 * at + 1]! - y)
  for (let at = 0; 2 * at < seeds.length; at++) {
    if (distanceOf(at) >= least) continue
    seed = at
    least = distanceOf(at)
  }
  let margin = Number.POSITIVE_INFINITY
  for (let at = 0; 2 * at < seeds.length; at++) {
    const apart = Math.hypot(seeds[2 * at]! - seeds[2 * seed]!, seeds[2 * at + 1]! - seeds[2 * seed + 1]!)
    if (apart > 0) margin = Math.min(margin, distanceOf(at) - least)
  }
  return { seed, margin, least }
}

/** Going straight from anywhere to anywhere, the nearest seed is another if and only if a cut has been crossed. */
const separates = (network: VoronoiNetwork) =>
  fc.property(seedSets, fc.nat(), (seeds, seed) => {
    const made = network(reach, seeds)
    const random = randomFrom(seed)
    const place = () => [(random() - 0.5) * 1.4, (random() - 0.5) * 0.9] as const
    for (let way = 0; way < 30; way++) {
      const [fromX, fromY] = place()
      const [toX, toY] = way % 2 === 0 ? place() : [fromX + 0.1 * (random() - 0.5), fromY + 0.02]
      const from = nearest(seeds, fromX, fromY)
      const to = nearest(seeds, toX, toY)
      // Too near a border to say, or seeds that are as good as one.
      if (Math.min(from.margin, to.margin) < TOLERANCE) continue
      const apart = Math.hypot(
        seeds[2 * from.seed]! - seeds[2 * to.seed]!,
        seeds[2 * from.seed + 1]! - seeds[2 * to.seed + 1]!,
      )
      expect(cutsBetween(made, fromX, fromY, toX, toY) > 0).toBe(apart > 0)
    }
  })

/** Everywhere on a cut there are two nearest seeds; cuts are finite, within reach, and longer than nothing. */
const isBetween = (network: VoronoiNetwork) =>
  fc.property(seedSets, (seeds) => {
    const { points, cuts } = network(reach, seeds)
    for (let at = 0; at < points.length; at += 2) {
      const [x, y] = [points[at]!, points[at + 1]!]
      expect(x >= reach.minX && x <= reach.maxX && y >= reach.minY && y <= reach.maxY).toBe(true)
    }
    expect(new Set(cuts).size).toBe(points.length / 2)
    for (let at = 0; at < cuts.length; at += 2) {
      const [a, b] = [2 * cuts[at]!, 2 * cuts[at + 1]!]
      expect(Math.hypot(points[a]! - points[b]!, points[a + 1]! - points[b + 1]!)).toBeGreaterThan(0)
      for (const share of [0, 0.25, 0.5, 1]) {
        const x = points[a]! + share * (points[b]! - points[a]!)
        const y = points[a + 1]! + share * (points[b + 1]! - points[a + 1]!)
        const distances = Array.from({ length: seeds.length / 2 }, (_, at) =>
          Math.hypot(seeds[2 * at]! - x, seeds[2 * at + 1]! - y),
        ).toSorted((one, other) => one - other)
        expect(distances[1]! - distances[0]!).toBeLessThan(TOLERANCE)
      }
    }
  })

const neverCrosses = (network: VoronoiNetwork) =>
  fc.property(seedSets, (seeds) => {
    expect(crossings(network(reach, seeds), TOLERANCE)).toBe(0)
  })

const withCuts =
  (change: (cuts: Int32Array) => Int32Array): VoronoiNetwork =>
  (within, seeds) => {
    const { points, cuts } = voronoiNetwork(within, seeds)
    return { points, cuts: change(cuts) }
  }

/** As points of many lines of a lattice. */
function lattice(rows: number, cols: number): Float64Array {
  const seeds: number[] = []
  for (let row = 0; row < rows; row++) for (let col = 0; col < cols; col++) seeds.push(col * 0.1 - 0.3, row * 0.1 - 0.3)
  return Float64Array.from(seeds)
}

describe('voronoiNetwork', () => {
  it('separates where the nearest seed is another, and nowhere else', () => holds(separates(voronoiNetwork), 300))
  it('would be caught without its last cut', () => fails(separates(withCuts((cuts) => cuts.slice(0, -2)))))
  it('would be caught with a cut too many', () =>
    fails(separates(withCuts((cuts) => (cuts.length > 2 ? Int32Array.of(...cuts, cuts[0]!, cuts.at(-1)!) : cuts)))))

  it('lies between two nearest seeds, everywhere within reach', () => holds(isBetween(voronoiNetwork), 300))
  it('would be caught a little off', () =>
    fails(
      isBetween((within, seeds) => {
        const { points, cuts } = voronoiNetwork(within, seeds)
        return { points: points.map((value) => value * 0.9999), cuts }
      }),
    ))

  it('crosses itself nowhere', () => holds(neverCrosses(voronoiNetwork), 300))
  it('would be caught crossing itself', () =>
    fails(neverCrosses(withCuts((cuts) => cuts.toReversed().map((point, at) => (at === 0 ? cuts[0]! : point))))))

  it.each([[[]], [[0.1, 0.2]], [[0.1, 0.2, 0.1, 0.2, 0.1, 0.2, 0.1, 0.2]]])('has no cut for the seeds %j', (seeds) => {
    expect(voronoiNetwork(reach, Float64Array.from(seeds))).toEqual({
      points: new Float64Array(0),
      cuts: new Int32Array(0),
    })
  })

  it('has one cut for two seeds, through all of the reach', () => {
    const { points, cuts } = voronoiNetwork(reach, Float64Array.of(-0.25, 0, 0.25, 0))
    expect(cuts).toEqual(Int32Array.of(0, 1))
    expect([...points].map(Math.abs)).toEqual([0, 0.5, 0, 0.5])
  })

  it('has parallel cuts for seeds on one line, whatever their order', () => {
    for (const [dx, dy] of [
      [0.125, 0],
      [0, 0.125],
      [0.125, 0.0625],
      [-0.0625, 0.125],
    ] as const) {
      const seeds = Float64Array.from([2, -1, 0, 3, -2, 1, 1].flatMap((at) => [at * dx, at * dy]))
      expect(voronoiNetwork(reach, seeds).cuts).toHaveLength(2 * 5)
    }
  })

  it('has parallel cuts for seeds that are as good as on one line', () => {
    for (const breadth of [1e-7, 1e-10, 1e-15, 1e-164, 5e-324]) {
      const random = randomFrom(1)
      const seeds = Float64Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? breadth * random() : random() - 0.5))
      expect(voronoiNetwork(reach, seeds).cuts).toHaveLength(2 * 19)
      expect(crossings(voronoiNetwork(reach, seeds), 0)).toBe(0)
    }
  })

  it('has one point for the four seeds around it in a lattice', () => {
    for (const [rows, cols] of [
      [2, 2],
      [2, 5],
      [4, 4],
      [7, 7],
    ] as const) {
      const { points, cuts } = voronoiNetwork({ minX: -1, minY: -1, maxX: 1, maxY: 1 }, lattice(rows, cols))
      const [inner, ends] = [(rows - 1) * (cols - 1), 2 * (rows - 1 + cols - 1)]
      expect(points).toHaveLength(2 * (inner + ends))
      expect(cuts).toHaveLength(2 * ((rows - 1) * cols + rows * (cols - 1)))
    }
  })

  it('has one point for all seeds on a circle', () => {
    const seeds = Float64Array.from(
      { length: 24 },
      (_, at) => 0.3 * (at % 2 === 0 ? Math.cos : Math.sin)((Math.PI * (at >> 1)) / 6),
    )
    const { points, cuts } = voronoiNetwork(reach, seeds)
    expect(points).toHaveLength(2 * 13)
    expect(cuts).toHaveLength(2 * 12)
  })

  it('is the same whatever was made before', () => {
    const seeds = Float64Array.of(0.1, 0.2, -0.3, 0.1, 0.2, -0.3, 0.05, 0)
    const first = voronoiNetwork(reach, seeds)
    voronoiNetwork(reach, lattice(2, 2))
    voronoiNetwork(reach, Float64Array.of(0, 0, 0.1, 0, 0.2, 0, 0.3, 0))
    voronoiNetwork(reach, lattice(30, 30))
    expect(voronoiNetwork(reach, seeds)).toEqual(first)
  })

  it('is ready for 10,000 seeds', () => {
    expect(voronoiNetwork(reach, lattice(100, 100)).cuts.length).toBeGreaterThan(0)
  })
})
