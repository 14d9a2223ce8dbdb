import type { BatchSize } from '../../src/learn/batch-size.ts'
import { gaussFrom, randomFrom, type Shape } from '../property.ts'

/** A database for tests: what a batch takes on it, with noise and now and then an outlier. */
export interface Database {
  readonly fixedMs: number
  readonly perItemMs: number
  /** The standard deviation of a time, as a share of it. */
  readonly noise: number
  /** How often a batch takes 3 to 10 times as long. */
  readonly outliers: number
  readonly seed: number
}

export interface Batch {
  readonly items: number
  readonly ms: number
}

/** By what the times of `count` batches differ from the expected ones: the same whatever their sizes. */
export function drawFactors({ noise, outliers, seed }: Database, count: number): Float64Array {
  const random = randomFrom(seed)
  const gauss = gaussFrom(random)
  return Float64Array.from({ length: count }, () => {
    const factor = Math.max(0.3, 1 + noise * gauss())
    const outlier = 3 + 7 * random()
    return random() < outliers ? factor * outlier : factor
  })
}

export const expectedMs = ({ fixedMs, perItemMs }: Database, items: number) => fixedMs + perItemMs * items

/** Writes full batches, one after the other, of the sizes that `sizes` gives. */
export function write(sizes: Shape<BatchSize>, database: Database, factors: Float64Array): Batch[] {
  return Array.from(factors, (factor) => {
    const items = sizes.size
    const ms = expectedMs(database, items) * factor
    sizes.observe({ items, ms, isFull: true, failures: 0, isTimeout: false })
    return { items, ms }
  })
}

/** Items a ms in batches that took no longer than `latencyMs`. */
export function goodput(batches: readonly Batch[], latencyMs: number): number {
  let good = 0
  let total = 0
  for (const { items, ms } of batches) {
    if (ms <= latencyMs) good += items
    total += ms
  }
  return good / total
}

/** The goodput of the best size that stays the same, from 8 to `max`. */
export function bestGoodput(database: Database, factors: Float64Array, latencyMs: number, max: number): number {
  let best = 0
  for (let items = 8; items <= max; items = Math.ceil(items * 1.15)) {
    const expected = expectedMs(database, items)
    let good = 0
    let total = 0
    for (const factor of factors) {
      if (expected * factor <= latencyMs) good += items
      total += expected * factor
    }
    best = Math.max(best, good / total)
  }
  return best
}
