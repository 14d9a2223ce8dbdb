import { randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { orient2d } from 'robust-predicates'

/** A polygon as the mesh takes it: the holes wind against the outer ring. */
export interface TestShape {
  readonly outer: Float64Array
  readonly holes: readonly Float64Array[]
}

type Random = () => number
type Rings = readonly (readonly number[])[]

interface Place {
  readonly scale: number
  readonly squash: number
  readonly angle: number
  readonly away: number
  readonly isReversed: boolean
}

/** Simple polygons of all kinds, some with holes; of either winding, at any scale and distance, turned and squashed. */
export const shapes = shapesOf(() => [star, comb, annulus, cells, untangled], {
  scale: fc.constantFrom(1e-12, 1e-3, 1, 1, 1, 1e3, 1e12),
  squash: fc.constantFrom(1, 1, 1, 1e-3, 1e-6, 1e-9),
  angle: fc.constantFrom(0, 0, 0.3, 2),
  away: fc.constantFrom(0, 0, 1, 1e4, 1e7),
  isReversed: fc.boolean(),
})

/** Those of a lattice, so far away, squashed or turned that its lines are straight no more, by a rounding or two. */
export const needles = shapesOf(() => [cells, untangled], {
  scale: fc.constantFrom(0.1, 0.01, 1e-3, 3),
  squash: fc.constantFrom(1e-3, 1e-6, 1e-9),
  angle: fc.constantFrom(0, 0.3),
  away: fc.constantFrom(0, 0, 1, 1e3),
  isReversed: fc.boolean(),
})

type Make = (random: Random, size: number) => Rings

function shapesOf(makes: () => readonly Make[], place: { [K in keyof Place]: fc.Arbitrary<Place[K]> }) {
  return fc
    .record({ seed: fc.integer(), kind: fc.nat(), size: fc.integer({ min: 3, max: 60 }), place: fc.record(place) })
    .map(({ seed, kind, size, place: { scale, squash, angle, away, isReversed } }): TestShape => {
      const make = makes()[kind % makes().length]!
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
      const moved = make(randomFrom(seed), size).map((ring) => {
        const points = pairs(ring).map(([x, y]) => [
          (x * cos - y * squash * sin + away) * scale,
          (x * sin + y * squash * cos - away) * scale,
        ])
        return Float64Array.from((isReversed ? points.reverse() : points).flat())
      })
      return { outer: moved[0]!, holes: moved.slice(1) }
    })
    .filter(isSimple)
}

/** A ring around a middle, its points at random distances. */
function star(random: Random, size: number): Rings {
  return [circle(size, () => 20 + 100 * random())]
}

/** A beam with thin teeth, as deep as they come. */
function comb(random: Random, size: number): Rings {
  const ring = [0, 0, 10 * size, 0, 10 * size, 100]
  for (let tooth = size - 1; tooth > 0; tooth--) {
    ring.push(10 * tooth + 0.5 * random(), 100, 10 * tooth - 1, 1 + 50 * random(), 10 * tooth - 2, 100)
  }
  return [[...ring, 0, 100]]
}

/** A circle with holes in a row around its middle. */
function annulus(random: Random, size: number): Rings {
  const holes = Array.from({ length: 1 + (size % 7) }, (_, i) => {
    const at = (2 * Math.PI * i) / (1 + (size % 7))
    const hole = circle(3 + Math.floor(6 * random()), () => 4 + 12 * random())
    return pairs(hole)
      .reverse()
      .flatMap(([x, y]) => [x + 60 * Math.cos(at), y + 60 * Math.sin(at)])
  })
  return [circle(Math.max(size, 12), () => 100 + 5 * random()), ...holes]
}

/** Squares of a lattice that hang together, with all lattice points on the border: straight stretches, and holes. */
function cells(random: Random, size: number): Rings {
  const width = 8
  const taken = new Set([width * 4 + 4])
  for (let tries = 0; tries < 4 * size; tries++) {
    const cell = [...taken][Math.floor(random() * taken.size)]!
    const next = cell + [1, -1, width, -width][Math.floor(4 * random())]!
    if (next % width > 0 && next % width < width - 1 && next >= width && next < width * (width - 1)) taken.add(next)
  }
  const from = new Map<number, number>()
  const side = width + 1
  const point = (cell: number, dx: number, dy: number) => (cell % width) + dx + side * (Math.floor(cell / width) + dy)
  for (const cell of taken) {
    const around = [cell - width, cell + 1, cell + width, cell - 1]
    const corners = [point(cell, 0, 0), point(cell, 1, 0), point(cell, 1, 1), point(cell, 0, 1)]
    for (let i = 0; i < 4; i++) {
      if (!taken.has(around[i]!)) from.set(corners[i]!, corners[(i + 1) % 4]!)
    }
  }
  const rings: number[][] = []
  while (from.size > 0) {
    const ring: number[] = []
    let at = from.keys().next().value
    while (at !== undefined && from.has(at)) {
      ring.push(10 * (at % side), 10 * Math.floor(at / side))
      const next = from.get(at)
      from.delete(at)
      at = next
    }
    rings.push(ring)
  }
  return rings.sort((a, b) => Math.abs(areaOf(b)) - Math.abs(areaOf(a)))
}

/** Points anywhere on a small lattice, joined in any order, and turned round until no two sides cross. */
function untangled(random: Random, size: number): Rings {
  const seen = new Set<number>()
  while (seen.size < size) seen.add(Math.floor(random() * 16 * 16))
  const points = [...seen].map((at) => [at % 16, Math.floor(at / 16)] as const)
  for (let isTangled = true, rounds = 0; isTangled && rounds < 100; rounds++) {
    isTangled = false
    for (let i = 0; i < size; i++) {
      for (let j = i + 2; j < size - (i === 0 ? 1 : 0); j++) {
        const [a, b, c, d] = [points[i], points[i + 1], points[j], points[(j + 1) % size]] as Pair[]
        if (!meets(a!, b!, c!, d!)) continue
        points.splice(i + 1, j - i, ...points.slice(i + 1, j + 1).reverse())
        isTangled = true
      }
    }
  }
  const ring = points.flat()
  return [areaOf(ring) < 0 ? points.reverse().flat() : ring]
}

function circle(size: number, radius: () => number): number[] {
  return Array.from({ length: size }, (_, i) => {
    const r = radius()
    const at = (2 * Math.PI * i) / size
    return [r * Math.cos(at), r * Math.sin(at)]
  }).flat()
}

type Pair = readonly [number, number]
type Side = readonly [ring: number, index: number, count: number, a: Pair, b: Pair]

export function pairs(ring: ArrayLike<number>): Pair[] {
  return Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i]!, ring[2 * i + 1]!])
}

/** Half of what the sides enclose with the first point: positive where x turns towards y. */
export function areaOf(ring: ArrayLike<number>): number {
  const points = pairs(ring)
  const [x0, y0] = points[0] ?? [0, 0]
  let twice = 0
  points.forEach(([x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length]!
    twice += (x - x0) * (nextY - y0) - (nextX - x0) * (y - y0)
  })
  return twice / 2
}

/** Whether no two sides of all rings meet but one and the next, in a point; exactly. Holes are in the opposite winding. */
function isSimple({ outer, holes }: TestShape): boolean {
  const sides: Side[] = []
  for (const [r, ring] of [outer, ...holes].entries()) {
    const points = pairs(ring)
    if (points.length < 3 || (r > 0 && areaOf(ring) * areaOf(outer) >= 0)) return false
    points.forEach((a, i) => {
      sides.push([r, i, points.length, a, points[(i + 1) % points.length]!])
    })
  }
  return !sides.some((side, at) => {
    for (let other = at + 1; other < sides.length; other++) if (!agree(side, sides[other]!)) return true
    return false
  })
}

/** Whether two sides meet only where one follows the other; the first is the earlier one. */
function agree([r, i, count, a, b]: Side, [otherR, j, , c, d]: Side): boolean {
  const isNext = r === otherR && j === i + 1
  const isLast = r === otherR && i === 0 && j === count - 1
  if (isNext) return turnOf(a, b, d) !== 0 || !(between(b, a, d) || between(b, d, a))
  if (isLast) return turnOf(c, a, b) !== 0 || !(between(a, c, b) || between(a, b, c))
  return !meets(a, b, c, d)
}

/** Whether `p`, on a line with both, lies on the same side of `from` as `to`, not farther away. */
function between(from: Pair, p: Pair, to: Pair): boolean {
  const [dx, dy] = [p[0] - from[0], p[1] - from[1]]
  const [tx, ty] = [to[0] - from[0], to[1] - from[1]]
  return dx * tx >= 0 && dy * ty >= 0 && Math.abs(dx) <= Math.abs(tx) && Math.abs(dy) <= Math.abs(ty)
}

function turnOf(a: Pair, b: Pair, c: Pair): number {
  return orient2d(a[0], a[1], b[0], b[1], c[0], c[1])
}

function meets(a: Pair, b: Pair, c: Pair, d: Pair): boolean {
  if (Math.max(a[0], b[0]) < Math.min(c[0], d[0]) || Math.max(c[0], d[0]) < Math.min(a[0], b[0])) return false
  const [abc, abd, cda, cdb] = [turnOf(a, b, c), turnOf(a, b, d), turnOf(c, d, a), turnOf(c, d, b)]
  if (abc * abd < 0 && cda * cdb < 0) return true
  return (
    (abc === 0 && between(a, c, b)) ||
    (abd === 0 && between(a, d, b)) ||
    (cda === 0 && between(c, a, d)) ||
    (cdb === 0 && between(c, b, d))
  )
}
