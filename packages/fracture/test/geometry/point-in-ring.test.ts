import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { test } from 'vitest'
import { isInRing } from '../../src/geometry/point-in-ring.ts'

type IsIn = typeof isInRing

const coordinate = fc.integer({ min: 0, max: 6 })
const rings = fc.array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 12 })

/** By the crossings of a ray, in fractions: how often the ring goes through the ray upwards at x beyond the point's, less how often downwards. */
const agrees = (isIn: IsIn) =>
  fc.property(rings, coordinate, coordinate, fc.nat(3), (ring, px, py, start) => {
    let count = 0
    for (let i = 0; i < ring.length; i++) {
      const [ax, ay] = ring[i]!
      const [bx, by] = ring[(i + 1) % ring.length]!
      const turn = (bx - ax) * (py - ay) - (by - ay) * (px - ax)
      fc.pre(
        turn !== 0 || px < Math.min(ax, bx) || px > Math.max(ax, bx) || py < Math.min(ay, by) || py > Math.max(ay, by),
      )
      // Just above the point, no corner is on the ray.
      const at = ax + ((py + 1e-3 - ay) * (bx - ax)) / (by - ay)
      if (ay > py !== by > py && at > px) count++
    }
    const x = Float64Array.from([...Array.from({ length: start }, () => 3), ...ring.map(([value]) => value)])
    const y = Float64Array.from([...Array.from({ length: start }, () => 3), ...ring.map(([, value]) => value)])
    return isIn(x, y, start, start + ring.length, px, py) === (count % 2 === 1)
  })

test('a point is inside where a ray from it crosses the ring an odd number of times', () =>
  holds(agrees(isInRing), 2000))

test('a ray that counts both ends of a side is found out', async () => {
  const bothEnds: IsIn = (x, y, start, end, px, py) => {
    let isInside = false
    for (let i = start, last = end - 1; i < end; last = i++) {
      if ((y[i]! - py) * (y[last]! - py) > 0) continue
      if (px < x[i]! + ((py - y[i]!) / (y[last]! - y[i]!)) * (x[last]! - x[i]!)) isInside = !isInside
    }
    return isInside
  }
  await fails(agrees(bothEnds), 2000)
})
