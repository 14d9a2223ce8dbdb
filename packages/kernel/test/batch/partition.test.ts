import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { partition } from '../../src/batch/partition.ts'
import { fixedChunks } from '../mutants/fixed-chunks.ts'
import { fails, holds, messageOf, randomFrom } from '../property.ts'

const sorted = (costs: number[]) => Float64Array.from(costs).sort().reverse()

/** Every item is in one batch, in order, and each batch ends where the rule says and nowhere else. */
const cutsByTheRule = (cut: typeof partition) =>
  fc.property(
    fc.array(fc.oneof(fc.nat(20), fc.nat(1000)), { maxLength: 300, size: 'max' }),
    fc.record({
      workers: fc.integer({ min: 1, max: 16 }),
      maxItems: fc.integer({ min: 1, max: 60 }),
      minCost: fc.nat(500),
      costAfter: fc.oneof(fc.constant(0), fc.nat(20_000)),
    }),
    (values, options) => {
      // Whole numbers add up exactly in any order.
      const costs = sorted(values)
      const ends = [...cut(costs, options)]
      expect(ends.at(-1) ?? 0).toBe(costs.length)

      let start = 0
      for (const end of ends) {
        expect(end).toBeGreaterThan(start)
        expect(end - start).toBeLessThanOrEqual(options.maxItems)
        const remaining = costs.subarray(start).reduce((sum, cost) => sum + cost, options.costAfter)
        const target = Math.max(options.minCost, remaining / (2 * options.workers))
        const batch = costs.subarray(start, end).reduce((sum, cost) => sum + cost, 0)
        if (end - start > 1) expect(batch - costs[end - 1]!).toBeLessThan(target)
        if (end - start < options.maxItems && end < costs.length) expect(batch).toBeGreaterThanOrEqual(target)
        start = end
      }
    },
  )

/** The time until the last of `workers` is done, each pulling the next batch when it is free. */
function makespan(costs: Float64Array, ends: Uint32Array, workers: number): number {
  const busyUntil = new Float64Array(workers)
  let index = 0
  for (const end of ends) {
    const worker = busyUntil.indexOf(Math.min(...busyUntil))
    for (; index < end; index++) busyUntil[worker]! += costs[index]!
  }
  return Math.max(...busyUntil)
}

/** On Pareto costs the workers finish together: within 5 % of what no schedule can beat. */
const endsTogether = (cut: typeof partition) =>
  fc.property(
    fc.record({
      seed: fc.integer(),
      shape: fc.double({ min: 1.05, max: 3, noNaN: true }),
      items: fc.integer({ min: 1000, max: 20_000 }),
      workers: fc.integer({ min: 1, max: 32 }),
      maxItems: fc.integer({ min: 50, max: 500 }),
      crumb: fc.double({ min: 0, max: 0.02, noNaN: true }),
    }),
    ({ seed, shape, items, workers, maxItems, crumb }) => {
      const random = randomFrom(seed)
      const costs = sorted(Array.from({ length: items }, () => random() ** (-1 / shape)))
      const share = costs.reduce((sum, cost) => sum + cost, 0) / workers
      const ends = cut(costs, { workers, maxItems, minCost: share * crumb })
      expect(makespan(costs, ends, workers)).toBeLessThanOrEqual(1.05 * Math.max(share, costs[0]!))
    },
  )

describe('partition', () => {
  it('cuts by the rule', () => holds(cutsByTheRule(partition)))
  it('is caught cutting by count', () => fails(cutsByTheRule(fixedChunks)))

  it('lets the workers finish together', () => holds(endsTogether(partition), 100))
  it('is caught when fixed chunks leave one worker behind', () => fails(endsTogether(fixedChunks), 100))

  it('cuts nothing into nothing, and items without cost by count', () => {
    expect(partition(new Float64Array(0), { workers: 2, maxItems: 5 })).toEqual(new Uint32Array(0))
    expect(partition(new Float64Array(3), { workers: 2, maxItems: 5, minCost: 1 })).toEqual(Uint32Array.of(3))
  })

  it('plans 100,000 items at once', () => {
    const random = randomFrom(1)
    const costs = sorted(Array.from({ length: 100_000 }, () => random() ** -0.8))
    const ends = partition(costs, { workers: 8, maxItems: 500 })
    expect(ends.length).toBeGreaterThan(200)
  })

  it('refuses costs and options out of bounds', async () => {
    const message = (costs: number[], options: Parameters<typeof partition>[1]) =>
      messageOf('OPTION_INVALID', () => partition(Float64Array.from(costs), options))
    expect(await message([], { workers: 0, maxItems: 1 })).toBe(
      'partition: workers must be an integer of at least 1, not 0',
    )
    expect(await message([], { workers: 1, maxItems: 0.5 })).toBe(
      'partition: maxItems must be an integer of at least 1, not 0.5',
    )
    expect(await message([], { workers: 1, maxItems: 1, minCost: -1 })).toBe(
      'partition: minCost must be a finite number of at least 0, not -1',
    )
    await message([], { workers: 1, maxItems: 1, costAfter: Number.POSITIVE_INFINITY })
    expect(await message([3, Number.NaN], { workers: 1, maxItems: 1 })).toBe(
      'partition: costs[1] must be a finite number of at least 0, not NaN',
    )
    await message([Number.POSITIVE_INFINITY], { workers: 1, maxItems: 1 })
  })
})
