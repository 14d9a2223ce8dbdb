import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readStamps, STAMP_WORDS, stampOf, writeStamp } from '../src/stamp.ts'

const int64 = fc.oneof(fc.bigInt({ min: -2n, max: 2n }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
const stats = fc.record({ mtimeNs: int64, ctimeNs: int64, ino: int64 })

type Stats = typeof stats extends fc.Arbitrary<infer T> ? T : never

function tellsApart(stamp: (stats: Stats) => string) {
  return fc.property(stats, stats, (a, b) => {
    const same = a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino
    expect(stamp(a) === stamp(b)).toBe(same)
  })
}

test('stamps are equal where all three numbers are, and nowhere else', () => {
  fc.assert(tellsApart(stampOf), { seed: 1 })
  fc.assert(
    fc.property(stats, (a) => stampOf({ ...a }) === stampOf(a)),
    { seed: 1 },
  )
})

test('the property fails for a stamp that leaves one number out', () => {
  const withoutChange = (stats: Stats) => stampOf({ ...stats, ctimeNs: 0n })
  const near = fc.check(tellsApart(withoutChange), {
    seed: 1,
    examples: [
      [
        { mtimeNs: 1n, ctimeNs: 1n, ino: 1n },
        { mtimeNs: 1n, ctimeNs: 2n, ino: 1n },
      ],
    ],
  })
  expect(near.failed).toBe(true)
})

test('a column holds the same stamps', () => {
  fc.assert(
    fc.property(fc.array(stats, { maxLength: 5 }), (all) => {
      const column = new BigInt64Array((all.length + 1) * STAMP_WORDS)
      all.forEach((one, index) => {
        writeStamp(column, index, one)
      })
      expect(readStamps(column.subarray(0, all.length * STAMP_WORDS))).toEqual(all.map(stampOf))
    }),
    { seed: 1 },
  )
})
