import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchSize, MAX_BATCH, MIN_BATCH } from '../../src/dispatch/batch-size.ts'

type SizeOf = typeof batchSize

const percent = fc.nat(100).map((hundredths) => hundredths / 100)
const ms = fc.nat(300).map((thousandths) => thousandths / 1000)

/** Whatever is measured, a size is a whole number within its bounds; more load, slower checks and fewer that wait never make it larger. */
const staysWithinBounds = (sizeOf: SizeOf) =>
  fc.property(percent, percent, fc.nat(300), fc.nat(100), ms, ms, (load, more, waiting, fewer, checkMs, slower) => {
    const size = sizeOf(load, waiting, checkMs)
    expect(Number.isInteger(size)).toBe(true)
    expect(size).toBeGreaterThanOrEqual(MIN_BATCH)
    expect(size).toBeLessThanOrEqual(load > 0.8 ? MIN_BATCH : Math.max(MIN_BATCH, Math.min(MAX_BATCH, waiting)))
    // As small as it must be, the rest of a batch may take longer.
    if (size > MIN_BATCH) expect(size * checkMs).toBeLessThanOrEqual(5)
    expect(sizeOf(Math.min(1, load + more), waiting, checkMs)).toBeLessThanOrEqual(size)
    expect(sizeOf(load, waiting, checkMs + slower)).toBeLessThanOrEqual(size)
    expect(sizeOf(load, Math.max(0, waiting - fewer), checkMs)).toBeLessThanOrEqual(size)
  })

describe('batchSize', () => {
  it('stays within its bounds', () => holds(staysWithinBounds(batchSize)))

  it('is caught when it takes as many as wait', () => fails(staysWithinBounds((_, waiting) => waiting)))
  it('is caught when it does not look at the time', () =>
    fails(staysWithinBounds((load, waiting) => batchSize(load, waiting, 0))))
  it('is caught when it grows with the load', () =>
    fails(staysWithinBounds((load, waiting, checkMs) => batchSize(1 - load, waiting, checkMs))))

  it('is the least under high load, and no sooner', () => {
    expect([batchSize(0.81, 5000, 0.001), batchSize(0.8, 5000, 0.001)]).toEqual([50, 100])
  })

  it('goes by how many wait', () => {
    expect([0, 50, 73, 100, 5000].map((waiting) => batchSize(0.5, waiting, 0.001))).toEqual([50, 50, 73, 100, 100])
  })

  it('goes by what a check takes', () => {
    expect([0, 0.05, 0.0625, 0.1, 5].map((checkMs) => batchSize(0.5, 5000, checkMs))).toEqual([100, 100, 80, 50, 50])
  })
})
