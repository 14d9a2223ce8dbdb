import { describe, expect, test } from 'vitest'
import { backoffMs } from '../../src/dispatch/backoff.ts'

describe('backoffMs', () => {
  test('doubles from 100 ms and ends at 10 s', () => {
    const longest = [1, 2, 3, 4, 7, 8, 20].map((attempt) => backoffMs(attempt, () => 1))
    expect(longest).toEqual([100, 200, 400, 800, 6400, 10_000, 10_000])
  })

  test('draws from the upper half', () => {
    expect(backoffMs(2, () => 0)).toBe(100)
    expect(backoffMs(2, () => 0.5)).toBe(150)
  })
})
