import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { winnow } from '../../../src/processor/duplicates/winnow.ts'

const gram = 5
const window = 4
const tokens = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 })

/** The promise: what two rows have in common of this length has a fingerprint in common. */
function sharesAFingerprint(select: typeof winnow, before: number[], shared: number[], after: number[]): boolean {
  const alone = new Set(select(Int32Array.from(shared), gram, window).map(({ hash }) => hash))
  const inside = select(Int32Array.from([...before, ...shared, ...after]), gram, window)
  const [from, to] = [before.length, before.length + shared.length - gram]
  return inside.some(({ hash, token }) => token >= from && token <= to && alone.has(hash))
}

describe('winnow', () => {
  const shared = fc.array(fc.integer(), { minLength: gram + window - 1, maxLength: 40 })

  test('what is gram + window - 1 long and in both is found, wherever it stands', () => {
    fc.assert(
      fc.property(tokens, shared, tokens, (before, same, after) => {
        expect(sharesAFingerprint(winnow, before, same, after)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('a selection by place, not by value, breaks that', () => {
    const everyFourth: typeof winnow = (row, size) => winnow(row, size, 1).filter(({ token }) => token % window === 0)
    const found = fc.check(
      fc.property(tokens, shared, tokens, (before, same, after) =>
        sharesAFingerprint(everyFourth, before, same, after),
      ),
      { seed: 1, numRuns: 500 },
    )
    expect(found.failed).toBe(true)
  })

  test('places ascend, a hash tells the same tokens, about two of a window and one are kept', () => {
    const row = Int32Array.from({ length: 5000 }, (_, n) => (Math.imul(n, 2654435761) ^ n) | 0)
    const selected = winnow(row, 10, 20)
    expect(selected.every(({ token }, n) => n === 0 || token > selected[n - 1]!.token)).toBe(true)
    expect(selected.length / 5000).toBeGreaterThan(0.07)
    expect(selected.length / 5000).toBeLessThan(0.13)
    const [first] = selected
    const again = winnow(row.slice(first!.token, first!.token + 10), 10, 20)
    expect(again).toEqual([{ hash: first!.hash, token: 0 }])
  })

  test('too short for a gram, nothing', () => {
    expect(winnow(Int32Array.from([1, 2, 3]), 4, 2)).toEqual([])
    expect(winnow(new Int32Array(0), 4, 2)).toEqual([])
  })
})
