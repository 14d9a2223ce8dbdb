import { fails, holds, messageOf } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Grid } from '../../src/geometry/grid.ts'

type Grids = new (bounds: { minX: number; minY: number; maxX: number; maxY: number }) => Grid

const scale = fc.integer({ min: -90, max: 90 }).map((exponent) => 10 ** exponent)
const boxes = fc.tuple(
  scale,
  fc.double({ min: 0.1, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
)

/** A step is a power of two, fine enough, and each place of the grid in the box and around it is a double to the bit. */
const isExact = (Any: Grids) =>
  fc.property(boxes, ([unit, width, height, away]) => {
    const [minX, minY] = [away * unit, -away * unit]
    const [maxX, maxY] = [minX + width * unit, minY + height * unit]
    const { step, originX, originY, reach } = new Any({ minX, minY, maxX, maxY })
    const extent = Math.max(maxX - minX, maxY - minY)
    expect(Number.isInteger(Math.log2(step))).toBe(true)
    expect(step).toBeLessThanOrEqual(extent * 2 ** -26)
    for (const [origin, least, greatest] of [
      [originX, minX, maxX],
      [originY, minY, maxY],
    ] as const) {
      expect(origin - reach * step).toBeLessThanOrEqual(least + step)
      expect(origin + reach * step).toBeGreaterThanOrEqual(greatest - step)
      for (const steps of [0, 1, -1, reach, -reach, reach - 1, Math.ceil(reach / 3)]) {
        expect((origin + steps * step - origin) / step === steps).toBe(true)
      }
    }
  })

test('places of the grid are doubles, exactly', () => holds(isExact(Grid)))

test('a grid finer than doubles, or of any step, is found out', async () => {
  class Finer extends Grid {
    override readonly step = 1e-30
  }
  await fails(isExact(Finer))
})

test('a polygon too far away is told how far', async () => {
  const far = { minX: 1e12, minY: 0, maxX: 1e12 + 1, maxY: 1 }
  expect(await messageOf('POLYGON_SIZE', () => new Grid(far))).toContain('1000000000001 times as far')
})
