import { MillraceError } from '@millrace/kernel/errors'
import { expect, test } from 'vitest'
import { fracturePolygon } from '../../src/fracture-polygon.ts'
import type { FractureParams } from '../../src/patterns/fracture-params.ts'
import type { PolygonInput } from '../../src/polygon/polygon.ts'
import { mended, refused, square } from './samples.ts'

const halves: FractureParams = { pattern: 'parallel-slices', sliceCount: 1, jitter: 0 }

test.each(refused)('%s: is refused', (_, polygon, code, message) => {
  let thrown: unknown
  try {
    fracturePolygon(polygon as PolygonInput, halves)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(MillraceError)
  expect(thrown).toMatchObject({ code })
  expect((thrown as MillraceError).message).toMatch(message)
})

test.each(mended)('%s: is cut', (_, polygon, fragments, area) => {
  const result = fracturePolygon(polygon, halves)
  expect(result.count).toBe(fragments)
  expect(result.fragments.reduce((sum, fragment) => sum + fragment.area, 0) / area).toBeCloseTo(1, 10)
})

test.each([0, 1, 101, 1e6, 2.5, Number.NaN, '5'])('fragmentCount %s is refused', (fragmentCount) => {
  expect(() => fracturePolygon(square, { fragmentCount } as FractureParams)).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining('fragmentCount') }),
  )
})

test('seeds that are all one leave the polygon whole', () => {
  const { fragments } = fracturePolygon(square, {
    pattern: 'impact',
    impact: { x: 0, y: 0 },
    falloff: 10,
    fragmentCount: 2,
    edgePadding: 1e9,
    minCellDistance: 1e9,
  })
  expect(fragments.length).toBeGreaterThanOrEqual(1)
  const whole = fracturePolygon(square, { pattern: 'grid', rows: 1, cols: 1 })
  expect(whole.count).toBe(1)
  expect([...whole.fragments[0]!.outer]).toEqual(square)
})
