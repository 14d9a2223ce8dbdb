import { gaussFrom, randomFrom } from '@millrace/kernel/test/property'
import { describe, expect, test } from 'vitest'
import { fitBatchTime } from '../../src/model/batch-time.ts'

describe('fitBatchTime', () => {
  test('finds the line', () => {
    const batches = [1, 73, 857, 5000].map((size) => ({ size, ms: 0.5 + 0.004 * size }))
    expect(fitBatchTime(batches)).toEqual({ fixedMs: expect.closeTo(0.5, 9), perIntentMs: expect.closeTo(0.004, 9) })
  })

  test('finds it through noise of a tenth, at both ends', () => {
    const gauss = gaussFrom(randomFrom(5))
    const batches = Array.from({ length: 400 }, (_, at) => {
      const size = [1, 73, 857, 5000][at % 4]!
      return { size, ms: (0.5 + 0.004 * size) * (1 + 0.1 * gauss()) }
    })
    const { fixedMs, perIntentMs } = fitBatchTime(batches)
    expect(fixedMs / 0.5).toBeCloseTo(1, 1)
    expect(perIntentMs / 0.004).toBeCloseTo(1, 1)
  })

  test('has no part below 0, and gives all to the intents where there is one size', () => {
    expect(
      fitBatchTime([
        { size: 1, ms: 1 },
        { size: 10, ms: 20 },
      ]).fixedMs,
    ).toBe(0)
    expect(
      fitBatchTime([
        { size: 1, ms: 2 },
        { size: 10, ms: 1 },
      ]),
    ).toMatchObject({ perIntentMs: 0 })
    expect(
      fitBatchTime([
        { size: 10, ms: 5 },
        { size: 10, ms: 5 },
      ]),
    ).toEqual({ fixedMs: 0, perIntentMs: 0.5 })
  })
})
