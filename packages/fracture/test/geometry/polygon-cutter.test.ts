import { expect, test } from 'vitest'
import { PolygonCutter } from '../../src/geometry/polygon-cutter.ts'
import { checkParams } from '../../src/patterns/check-params.ts'
import { networkOf } from '../../src/patterns/pattern-network.ts'
import { FractureResult } from '../../src/result/fracture-result.ts'
import { FragmentPacker } from '../../src/result/fragment-packer.ts'

const square = { coords: Float64Array.of(0, 0, 1, 0, 1, 1, 0, 1), ringEnds: Int32Array.of(4) }

/** Memory grows at powers of two or thereabouts: each size is met by a cutter that has none yet. */
test('a cutter that is new has room for any number of fragments', () => {
  for (let side = 1; side <= 32; side++) {
    const params = checkParams({ pattern: 'grid-slices', rows: side, cols: side })
    const cutter = new PolygonCutter()
    const network = networkOf(square, params)
    const areas = [1, 2].map(() => {
      cutter.lay(square, noPulse)
      cutter.cut(network, 0, noPulse)
      const { fragments } = new FractureResult(new FragmentPacker().pack(cutter, square))
      return fragments.map(({ area }) => area)
    })
    expect(areas[0]!.length).toBe(side * side)
    expect(areas[0]).toEqual(areas[1])
    for (const area of areas[0]!) expect(area * side * side).toBeCloseTo(1, 9)
  }
})

test('rings of any number of holes have a face', () => {
  for (let side = 2; side <= 12; side++) {
    const rings = [[0, 0, 2 * side, 0, 2 * side, 2 * side, 0, 2 * side]]
    for (let i = 0; i < side * side; i++) {
      const [x, y] = [2 * (i % side) + 0.5, 2 * Math.floor(i / side) + 0.5]
      rings.push([x, y, x + 1, y, x + 1, y + 1, x, y + 1])
    }
    let points = 0
    const ringEnds = Int32Array.from(rings, (ring) => (points += ring.length / 2))
    const polygon = { coords: Float64Array.from(rings.flat()), ringEnds }
    const cutter = new PolygonCutter()
    cutter.lay(polygon, noPulse)
    cutter.cut({ points: new Float64Array(), cuts: new Int32Array() }, 0, noPulse)
    const [fragment] = new FractureResult(new FragmentPacker().pack(cutter, polygon)).fragments
    expect(fragment!.holes.length).toBe(side * side)
    expect(fragment!.area).toBe(3 * side * side)
  }
})

function noPulse(): void {}
