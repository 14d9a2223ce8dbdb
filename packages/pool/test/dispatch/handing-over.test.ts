import { expect, it } from 'vitest'
import { backoffMs } from '../../src/dispatch/backoff.ts'
import { parcelLimit } from '../../src/dispatch/parcel-limit.ts'
import { windowLimit } from '../../src/dispatch/window-limit.ts'

it('starts a worker again at once, then ever later, up to a bound', () => {
  expect([0, 1, 2, 3, 4, 20].map(backoffMs)).toEqual([0, 0, 100, 200, 400, 5000])
})

it('hands over few long tasks and many short ones, and two each before it knows', () => {
  expect(windowLimit(4, Number.NaN, 256, 4)).toBe(8)
  expect(windowLimit(4, 0.0005, 256, 4)).toBe(256)
  expect(windowLimit(4, 0, 256, 4)).toBe(256)
  expect(windowLimit(4, 1, 256, 4)).toBe(16)
  expect(windowLimit(4, 5000, 256, 4)).toBe(8)
  expect(windowLimit(400, 5000, 256, 4)).toBe(256)
})

it('puts short tasks together, as long as every worker has its share', () => {
  expect(parcelLimit(Number.NaN, 1000, 2, 0.2)).toBe(1)
  expect(parcelLimit(1, 1000, 2, 0.2)).toBe(1)
  expect(parcelLimit(0.005, 1000, 2, 0.2)).toBe(40)
  expect(parcelLimit(0.005, 12, 2, 0.2)).toBe(6)
  // So little work is worth no second worker.
  expect(parcelLimit(0.0005, 12, 2, 0.2)).toBeGreaterThanOrEqual(12)
  expect(parcelLimit(0, 12, 2, 0.2)).toBe(Number.POSITIVE_INFINITY)
})
