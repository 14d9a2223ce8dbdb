import { fails, holds, randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PatternFrame } from '../../src/patterns/pattern-frame.ts'
import { angled, boxOf, holed, moved, polygonOf, polygons } from './shapes.ts'

type Contains = (frame: PatternFrame, x: number, y: number) => boolean

/** As the sum of the angles at which the sides are seen. */
function winds({ coords, ringEnds }: PatternFrame, x: number, y: number): boolean {
  let inside = false
  let start = 0
  for (const end of ringEnds) {
    let turn = 0
    for (let at = start; at < end; at++) {
      const next = at + 1 === end ? start : at + 1
      const [ax, ay] = [coords[2 * at]! - x, coords[2 * at + 1]! - y]
      const [bx, by] = [coords[2 * next]! - x, coords[2 * next + 1]! - y]
      turn += Math.atan2(ax * by - ay * bx, ax * bx + ay * by)
    }
    if (Math.abs(turn) > Math.PI) inside = !inside
    start = end
  }
  return inside
}

const knowsInside = (contains: Contains) =>
  fc.property(polygons, fc.nat(), (polygon, seed) => {
    const frame = new PatternFrame(polygon)
    const random = randomFrom(seed)
    for (let probe = 0; probe < 20; probe++) {
      const [x, y] = [1.1 * (random() - 0.5), 1.1 * (random() - 0.5)]
      expect(contains(frame, x, y)).toBe(winds(frame, x, y))
    }
  })

describe('PatternFrame', () => {
  it('knows what is inside', () => holds(knowsInside((frame, x, y) => frame.contains(x, y))))
  it('would be caught filling holes', () =>
    fails(
      knowsInside(({ coords, ringEnds }, x, y) =>
        new PatternFrame({ coords: coords.slice(0, 2 * ringEnds[0]!), ringEnds: ringEnds.slice(0, 1) }).contains(x, y),
      ),
    ))

  it('has its box around 0, 0 and 1 long', () => {
    const { unit, halfWidth, halfHeight, reach } = new PatternFrame(boxOf(300, 20, 1e6, -40))
    expect([unit, halfWidth]).toEqual([300, 0.5])
    expect(halfHeight).toBeCloseTo(1 / 30, 12)
    expect(reach).toEqual({ minX: -0.75, maxX: 0.75, minY: -0.25 - halfHeight, maxY: 0.25 + halfHeight })
  })

  it('has areas without holes, whatever the winding', () => {
    expect(new PatternFrame(holed).area()).toBeCloseTo(0.64, 12)
    expect(new PatternFrame(angled).area()).toBeCloseTo((90 * 30 + 30 * 90) / 120 ** 2, 12)
    expect(new PatternFrame(polygonOf([0, 0, 0, 10, 10, 10, 10, 0], [2, 2, 2, 4, 4, 4, 4, 2])).area()).toBeCloseTo(
      0.96,
      12,
    )
  })

  it('goes there and back again', () => {
    const frame = new PatternFrame(moved(angled, 1e-9, 4, 5))
    const back = frame.toPolygon(frame.coords.slice())
    for (const [at, value] of moved(angled, 1e-9, 4, 5).coords.entries()) expect(back[at]).toBeCloseTo(value, 14)
    expect(frame.pointOf(undefined)).toEqual({ x: 0, y: 0 })
    expect(frame.pointOf({ x: 1e300, y: -1e300 })).toEqual({ x: 1024, y: -1024 })
  })
})
