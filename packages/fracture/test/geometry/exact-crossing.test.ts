import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { test } from 'vitest'
import { exactCrossing } from '../../src/geometry/exact-crossing.ts'

type Cross = typeof exactCrossing

const most = 2 ** 42
const coordinate = fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -most, max: most }))
const ends = fc.tuple(coordinate, coordinate, coordinate, coordinate, coordinate, coordinate, coordinate, coordinate)

/** The pixel is the one that holds the crossing: from half a step below its middle to half a step above, without that. */
const isInItsPixel = (cross: Cross) =>
  fc.property(ends, ([ax, ay, bx, by, cx, cy, dx, dy]) => {
    const [ux, uy, vx, vy] = [bx - ax, by - ay, dx - cx, dy - cy].map(BigInt) as [bigint, bigint, bigint, bigint]
    const below = ux * vy - uy * vx
    fc.pre(below !== 0n)
    const above = BigInt(cx - ax) * vy - BigInt(cy - ay) * vx
    const out = new Float64Array(2)
    cross(ax, ay, bx, by, cx, cy, dx, dy, out)
    const isIn = (start: number, along: bigint, pixel: number) => {
      // 2 · below · (start + along · above / below - pixel), from -below to below.
      const off = (2n * (BigInt(start) - BigInt(pixel)) * below + 2n * along * above) * (below < 0n ? -1n : 1n)
      const half = below < 0n ? -below : below
      return off >= -half && off < half
    }
    return isIn(ax, ux, out[0]!) && isIn(ay, uy, out[1]!)
  })

test('two lines cross in the pixel', () => holds(isInItsPixel(exactCrossing), 2000))

const inDoubles: Cross = (ax, ay, bx, by, cx, cy, dx, dy, out) => {
  const share = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / ((bx - ax) * (dy - cy) - (by - ay) * (dx - cx))
  out[0] = Math.floor(ax + share * (bx - ax) + 0.5)
  out[1] = Math.floor(ay + share * (by - ay) + 0.5)
}

const towardsZero: Cross = (ax, ay, bx, by, cx, cy, dx, dy, out) => {
  exactCrossing(-ax, -ay, -bx, -by, -cx, -cy, -dx, -dy, out)
  out[0] = -out[0]!
  out[1] = -out[1]!
}

test('doubles miss it, and so does the pixel with its other sides', async () => {
  await fails(isInItsPixel(inDoubles), 2000)
  await fails(isInItsPixel(towardsZero), 2000)
})
