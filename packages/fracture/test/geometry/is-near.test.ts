import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { test } from 'vitest'
import { isNear } from '../../src/geometry/is-near.ts'

type IsNear = typeof isNear

const NEAR = 4
const coordinate = fc.oneof(fc.integer({ min: -12, max: 12 }), fc.integer({ min: -(2 ** 41), max: 2 ** 41 }))
/** Where the point is: anywhere, or by a few steps off a place on the line. */
const places = fc.record({
  a: fc.tuple(coordinate, coordinate),
  b: fc.tuple(coordinate, coordinate),
  share: fc.double({ min: -0.5, max: 1.5, noNaN: true }),
  off: fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })),
})

/** The square of the distance to a segment is less than so much: in whole numbers of any size, 1/1000 to either side left open. */
const agrees = (near: IsNear) =>
  fc.property(places, ({ a, b, share, off }) => {
    fc.pre(a[0] !== b[0] || a[1] !== b[1])
    const p = [0, 1].map((axis) => Math.round(a[axis]! + share * (b[axis]! - a[axis]!)) + off[axis]!) as [
      number,
      number,
    ]
    const [dx, dy] = [BigInt(b[0] - a[0]), BigInt(b[1] - a[1])]
    const [px, py] = [BigInt(p[0]) - BigInt(a[0]), BigInt(p[1]) - BigInt(a[1])]
    const length = dx * dx + dy * dy
    const along = px * dx + py * dy
    // The square of the distance, times the square of the length.
    let squared = (dx * py - dy * px) ** 2n
    if (along <= 0n) squared = (px * px + py * py) * length
    else if (along >= length) squared = ((px - dx) ** 2n + (py - dy) ** 2n) * length
    const most = BigInt(NEAR * NEAR) * length
    fc.pre(squared * 1000n < most * 999n || squared * 1000n > most * 1001n)
    const x = Float64Array.of(p[0], a[0], b[0])
    const y = Float64Array.of(p[1], a[1], b[1])
    return near(x, y, 0, 1, 2, NEAR * NEAR) === squared < most
  })

test('a point is near a segment when its distance is less', () => holds(agrees(isNear), 2000))

test('a point that is near the line beyond its ends is found out', async () => {
  const nearLine: IsNear = (x, y, point, a, b, squared) => {
    const [dx, dy] = [x[b]! - x[a]!, y[b]! - y[a]!]
    const across = dx * (y[point]! - y[a]!) - dy * (x[point]! - x[a]!)
    return across * across < squared * (dx * dx + dy * dy)
  }
  await fails(agrees(nearLine), 2000)
})
