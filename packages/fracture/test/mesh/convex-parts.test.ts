import { fails, holds, randomFrom } from '@millrace/kernel/test/property'
import earcut from 'earcut'
import fc from 'fast-check'
import { orient2d } from 'robust-predicates'
import { expect, test } from 'vitest'
import { convexParts } from '../../src/mesh/convex-parts.ts'
import { cornersOf, turn } from '../../src/mesh/corners.ts'
import * as mutants from './mutants/convex-splitters.ts'
import { areaOf, needles, pairs, shapes, type TestShape } from './shapes.ts'

type ConvexParts = typeof convexParts

/** Whether a ring bends in each of its vertices, to the same side as the polygon, and comes round once. */
function isConvex(ring: Float64Array, winding: number): boolean {
  const { vertices, isConvex, winding: own } = cornersOf(ring, [])
  return isConvex && own === winding && vertices.length === ring.length / 2 && vertices.length >= 3
}

/** 1 within a ring, 0 outside, and nothing on its border: exactly, by the sides that a ray meets. */
function contains(ring: Float64Array, x: number, y: number): number | undefined {
  const points = pairs(ring)
  let inside = 0
  for (const [i, [ax, ay]] of points.entries()) {
    const [bx, by] = points[(i + 1) % points.length]!
    const side = orient2d(ax, ay, bx, by, x, y)
    if (
      side === 0 &&
      Math.min(ax, bx) <= x &&
      x <= Math.max(ax, bx) &&
      Math.min(ay, by) <= y &&
      y <= Math.max(ay, by)
    ) {
      return undefined
    }
    if (ay > y !== by > y && side < 0 === by > ay) inside = 1 - inside
  }
  return inside
}

/** Whether as many parts as should be are over each of some points: around the vertices, where mistakes are, and anywhere. */
function isCoveredOnce({ outer, holes }: TestShape, parts: readonly Float64Array[], random: () => number): boolean {
  const points = pairs(outer)
  for (let i = 0; i < 24; i++) {
    const any = () => points[Math.floor(random() * points.length)]!
    const [[px, py], [qx, qy], [rx, ry]] = [any(), any(), any()]
    const [s, t] = [random(), random() * random()]
    const x = px + s * (qx - px) + t * (rx - px)
    const y = py + s * (qy - py) + t * (ry - py)
    const over = parts.map((part) => contains(part, x, y))
    const within = [outer, ...holes].map((ring) => contains(ring, x, y))
    if (over.includes(undefined) || within.includes(undefined)) continue
    const depth = within.reduce<number>((sum, inside, ring) => sum + (ring === 0 ? inside! : -inside!), 0)
    if (over.reduce<number>((sum, inside) => sum + inside!, 0) !== depth) return false
  }
  return true
}

const areConvex = (split: ConvexParts) =>
  fc.property(fc.oneof(shapes, needles), ({ outer, holes }) => {
    const { winding } = cornersOf(outer, holes)
    return split(outer, holes, earcut).every((part) => isConvex(part, winding))
  })

const cover = (split: ConvexParts) =>
  fc.property(shapes, fc.integer(), (shape, seed) =>
    isCoveredOnce(shape, split(shape.outer, shape.holes, earcut), randomFrom(seed)),
  )

const haveTheArea = (split: ConvexParts) =>
  fc.property(shapes, ({ outer, holes }) => {
    const area = [outer, ...holes].reduce((sum, ring) => sum + areaOf(ring), 0)
    const parts = split(outer, holes, earcut).reduce((sum, ring) => sum + areaOf(ring), 0)
    const reach = Math.max(...outer.map((value, i) => Math.abs(value - outer[i % 2]!)))
    return Math.abs(parts - area) <= 2 ** -50 * outer.length * reach * reach
  })

const useItsVertices = (split: ConvexParts) =>
  fc.property(shapes, ({ outer, holes }) => {
    const own = new Set([outer, ...holes].flatMap((ring) => pairs(ring).map(String)))
    return split(outer, holes, earcut).every((part) => pairs(part).every((point) => own.has(String(point))))
  })

/** Each inward bend needs at most two lines. */
const areFew = (split: ConvexParts) =>
  fc.property(shapes, ({ outer, holes }) => {
    const { coords, ringEnds, winding } = cornersOf(outer, holes)
    let inward = 0
    let start = 0
    for (const end of ringEnds) {
      for (let i = start; i < end; i++) {
        const bend = turn(coords, i > start ? i - 1 : end - 1, i, i + 1 < end ? i + 1 : start)
        if (bend * winding < 0) inward++
      }
      start = end
    }
    return split(outer, holes, earcut).length <= 2 * inward + 1 - holes.length
  })

const keepTheLimit = (split: ConvexParts) =>
  fc.property(shapes, fc.integer({ min: 3, max: 12 }), fc.integer(), (shape, most, seed) => {
    const { winding } = cornersOf(shape.outer, shape.holes)
    const parts = split(shape.outer, shape.holes, earcut, most)
    const fit = parts.every((part) => part.length / 2 <= most && isConvex(part, winding))
    return fit && isCoveredOnce(shape, parts, randomFrom(seed))
  })

test('parts are convex, and bend in each vertex', async () => {
  await holds(areConvex(convexParts), 150)
  await fails(areConvex(mutants.whole))
})

test('parts cover the polygon and do not overlap', async () => {
  await holds(cover(convexParts), 100)
  await holds(haveTheArea(convexParts), 150)
  await fails(cover(mutants.losing))
  await fails(haveTheArea(mutants.losing))
  await fails(cover(mutants.doubling))
})

test('vertices of parts are those of the polygon', async () => {
  await holds(useItsVertices(convexParts))
  const rounding: ConvexParts = (...args) => convexParts(...args).map((part) => part.map(Math.fround))
  await fails(useItsVertices(rounding))
})

test('parts are as few as their inward bends allow', async () => {
  await holds(areFew(convexParts), 200)
  await fails(areFew(mutants.splitting))
})

test('parts have at most as many vertices as asked for', async () => {
  await holds(keepTheLimit(convexParts), 100)
  await fails(keepTheLimit(mutants.boundless))
})

test('a convex polygon is its only part, without vertices on a straight line', () => {
  const square = Float64Array.of(0, 0, 1, 0, 2, 0, 2, 2, 0, 2)
  expect(convexParts(square, [], earcut)).toEqual([Float64Array.of(0, 0, 2, 0, 2, 2, 0, 2)])
  expect(convexParts(square, [], earcut, 3)).toHaveLength(2)
  expect(convexParts(Float64Array.of(0, 0, 1, 1, 2, 2), [], earcut)).toEqual([])
})
