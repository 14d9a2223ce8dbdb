import { fails, holds } from '@millrace/kernel/test/property'
import { Clipper, FillRule } from 'clipper2-ts'
import earcut from 'earcut'
import fc from 'fast-check'
import { orient2d } from 'robust-predicates'
import { expect, test } from 'vitest'
import { cornersOf } from '../../src/mesh/corners.ts'
import { clipEars } from '../../src/mesh/ear-clipping.ts'
import { triangulate } from '../../src/mesh/triangulate.ts'
import * as mutants from './mutants/triangulators.ts'
import { areaOf, needles, pairs, shapes, type TestShape } from './shapes.ts'

type Triangulate = typeof triangulate

/** Ears alone, by numbers of vertices. */
const clipped: Triangulate = (outer, holes) => {
  const corners = cornersOf(outer, holes)
  return clipEars(corners).map((corner) => corners.vertices[corner]!)
}

/**
 * Whether triangles are a polygon, exactly: each lies in the polygon's winding, and the sides that no two of them share are the straight stretches
 * of the rings. So every point is in as many of them as the rings wind around it.
 */
function tiles({ outer, holes }: TestShape, triangles: Uint32Array): boolean {
  const points = [outer, ...holes].flatMap(pairs)
  const { vertices, ringEnds, winding } = cornersOf(outer, holes)
  const sides = new Set<string>()
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = [triangles[i]!, triangles[i + 1]!, triangles[i + 2]!]
    const [[ax, ay], [bx, by], [cx, cy]] = [points[a]!, points[b]!, points[c]!]
    if (orient2d(ax, ay, bx, by, cx, cy) * winding <= 0) return false
    for (const [from, to] of [
      [a, b],
      [b, c],
      [c, a],
    ]) {
      if (sides.has(`${from} ${to}`)) return false
      if (!sides.delete(`${to} ${from}`)) sides.add(`${from} ${to}`)
    }
  }
  const border = new Set<string>()
  let start = 0
  for (const end of ringEnds) {
    for (let i = start; i < end; i++) border.add(`${vertices[i]} ${vertices[i + 1 < end ? i + 1 : start]}`)
    start = end
  }
  return sides.size === border.size && [...sides].every((side) => border.has(side))
}

const covers = (cut: Triangulate, among = shapes) =>
  fc.property(among, (shape) => tiles(shape, cut(shape.outer, shape.holes, earcut)))

test('triangles are the polygon, exactly', async () => {
  await holds(covers(triangulate), 400)
  await holds(covers(triangulate, needles), 200)
  await fails(covers(mutants.fanning))
  await fails(covers(mutants.filling))
})

test('where earcut is misled by rounded areas, ears are cut off instead', async () => {
  await fails(covers(mutants.trusting, needles), 300)
  await holds(covers(clipped))
})

test('whatever is handed in for earcut, the triangles are the polygon', async () => {
  const strange = [() => [], () => [0, 1, 2], () => [0, 2, 1, 0, 1, 2], () => new Array(300).fill(0)]
  const property = fc.property(shapes, fc.constantFrom(...strange), (shape, cut) =>
    tiles(shape, triangulate(shape.outer, shape.holes, cut)),
  )
  await holds(property)
})

test.each([
  ['on its left', [0, 0, 10, 0, 10, 10, 0, 10, 1, 5], [1, 5, 4, 8, 4, 2]],
  ['on its right', [0, 0, 10, 0, 9, 5, 10, 10, 0, 10], [9, 5, 4, 2, 4, 8]],
  ['above', [0, 0, 10, 0, 10, 10, 5, 9, 0, 10], [5, 9, 8, 4, 2, 4]],
])('a hole may touch the outer ring %s', (_, outer, hole) => {
  const points = pairs([...outer, ...hole])
  const triangles = pairs([...triangulate(Float64Array.from(outer), [Float64Array.from(hole)], earcut)]).flat()
  expect(triangles).toHaveLength(18)
  let area = 0
  for (let i = 0; i < triangles.length; i += 3) {
    const triangle = areaOf(triangles.slice(i, i + 3).flatMap((vertex) => points[vertex]!))
    expect(triangle).toBeGreaterThan(0)
    area += triangle
  }
  expect(area).toBe(areaOf(outer) + areaOf(hole))
})

test('together they have the area that clipper2 finds for their union', async () => {
  const lattice = shapes.map(({ outer, holes }) => {
    const extent = Math.max(...outer.map(Math.abs))
    const round = (ring: Float64Array) => ring.map((value) => Math.round((value / extent) * 1e6))
    return { outer: round(outer), holes: holes.map(round) }
  })
  const property = fc.property(lattice.filter(isWide), ({ outer, holes }) => {
    const points = [outer, ...holes].flatMap(pairs).map(([x, y]) => ({ x, y }))
    const triangles = triangulate(outer, holes, earcut)
    const paths = Array.from({ length: triangles.length / 3 }, (_, i) =>
      Array.from(triangles.subarray(3 * i, 3 * i + 3), (vertex) => points[vertex]!),
    )
    const union = Clipper.union(paths, FillRule.NonZero)
    const area = Math.abs([outer, ...holes].reduce((sum, ring) => sum + areaOf(ring), 0))
    return Math.abs(Math.abs(Clipper.areaPaths(union)) - area) < 1e6 * (1 + points.length)
  })
  await holds(property, 40)
})

test('a convex polygon needs no earcut, and vertices on a straight line are in no triangle', () => {
  const never = () => expect.fail('earcut was called')
  const square = Float64Array.of(0, 0, 1, 0, 2, 0, 2, 2, 0, 2)
  expect(triangulate(square, [], never)).toEqual(Uint32Array.of(0, 2, 3, 0, 3, 4))
  expect(triangulate(Float64Array.of(0, 0, 1, 1, 2, 2), [], never)).toEqual(new Uint32Array(0))
})

function isWide({ outer }: TestShape): boolean {
  return Math.abs(areaOf(outer)) > 1e9
}

test('a hole may touch the outer ring where that goes straight on', () => {
  const outer = Float64Array.of(0, 0, 12, 0, 12, -4, 12, -12, 0, -12)
  const hole = Float64Array.of(8, -4, 10, -7, 12, -4)
  const points = [...pairs(outer), ...pairs(hole)]
  for (const cut of [triangulate, clipped]) {
    const triangles = cut(outer, [hole], earcut)
    let doubled = 0
    for (let i = 0; i < triangles.length; i += 3) {
      const [[ax, ay], [bx, by], [cx, cy]] = [
        points[triangles[i]!]!,
        points[triangles[i + 1]!]!,
        points[triangles[i + 2]!]!,
      ]
      const turned = orient2d(ax, ay, bx, by, cx, cy)
      expect(turned).toBeGreaterThan(0)
      doubled += turned
    }
    expect(doubled).toBe(2 * 138)
  }
})
