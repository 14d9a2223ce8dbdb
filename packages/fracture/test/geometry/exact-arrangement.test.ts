import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { test } from 'vitest'
import { PolygonCutter } from '../../src/geometry/polygon-cutter.ts'
import { patchedCutter } from '../fuzz/mutants/patched-cutter.ts'
import { sideOf } from '../fuzz/rings.ts'

/** So large that a step of its grid is 1. */
const SIZE = 2 ** 40
const square = {
  coords: Float64Array.from([0, 0, SIZE, 0, SIZE, SIZE, 0, SIZE]),
  ringEnds: Int32Array.of(4),
}

const place = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }))
const networks = fc.record({
  places: fc.array(place, { minLength: 2, maxLength: 10 }),
  cuts: fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 }),
  // In a corner, so that borders take part, or in the middle.
  at: fc.constantFrom(-3, SIZE / 2),
})

function noPulse(): void {}

/** Cuts of a few steps in length: their edges meet in ends and nowhere else. */
const isPlanar = (cutter: PolygonCutter) =>
  fc.property(networks, ({ places, cuts, at }) => {
    cutter.lay(square, noPulse)
    cutter.polygon.isClear = false
    const points = Float64Array.from(places.flatMap(([x, y]) => [x + at, y + at]))
    cutter.cut({ points, cuts: Int32Array.from(cuts.flat(), (end) => end % places.length) }, 0, noPulse)
    const { edges, segments } = cutter
    const end = (vertex: number) => [segments.x[vertex]!, segments.y[vertex]!] as const
    const lines = Array.from(
      { length: edges.count },
      (_, edge) => [end(edges.from[edge]!), end(edges.to[edge]!)] as const,
    )
    return lines.every((one, i) => lines.every((other, j) => j <= i || !meet(one, other)))
  })

type Place = readonly [x: number, y: number]
type Line = readonly [from: Place, to: Place]

/** Whether two lines have more together than an end. */
function meet([a, b]: Line, [c, d]: Line): boolean {
  const side = (from: Place, to: Place, of: Place) => sideOf(...from, ...to, ...of)
  if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) return true
  const isOn = (from: Place, to: Place, of: Place) =>
    side(from, to, of) === 0 && (of[0] - from[0]) * (of[0] - to[0]) + (of[1] - from[1]) * (of[1] - to[1]) < 0
  const isSame = (one: Place, other: Place) => one[0] === other[0] && one[1] === other[1]
  return (
    isOn(a, b, c) ||
    isOn(a, b, d) ||
    isOn(c, d, a) ||
    isOn(c, d, b) ||
    (isSame(a, c) && isSame(b, d)) ||
    (isSame(a, d) && isSame(b, c))
  )
}

test('edges meet in their ends and nowhere else', () => holds(isPlanar(new PolygonCutter()), 1000))

test.each([
  ['all of its sides', /if \(side !== 0 && side > 0 !== isLeft\)/, 'if (side === 0 || side > 0 !== isLeft)'],
  ['none of its sides', /if \(lowerLeft === 0\) return true/, ''],
])('a pixel with %s is found out', async (_, find, instead) => {
  const { cutter } = await patchedCutter({ file: 'geometry/exact-arrangement.ts', find, instead })
  await fails(isPlanar(cutter), 1000)
})
