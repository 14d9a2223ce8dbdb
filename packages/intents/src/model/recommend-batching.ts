import type { BatchingOptions } from '../scheduler-options.ts'
import type { SizePoint } from './sweep-sizes.ts'

/** More than this share of what is best is not worth larger batches. */
const GOOD_ENOUGH = 0.95
const MOST_WINDOW_MS = 10

/** Options of a scheduler that follow from a sweep, and the size they are for. */
export interface Recommendation {
  readonly point: SizePoint
  /** Whether `point` is within the objective; where none is, it is the fastest to write. */
  readonly isWithinLatency: boolean
  readonly batching: BatchingOptions
}

/**
 * The smallest size with at least 95 % of what the best one writes a second, of those whose p99 is within `latencyMs`. The window is what such a batch takes, at
 * most 10 ms: while connections are busy for that long, a shorter one has batches wait for them all the same.
 */
export function recommendBatching(
  points: readonly SizePoint[],
  { latencyMs, writers }: { readonly latencyMs: number; readonly writers: number },
): Recommendation | undefined {
  const within = points.filter(({ p99Ms }) => p99Ms <= latencyMs)
  const best = Math.max(...within.map(({ intentsPerSecond }) => intentsPerSecond))
  const point =
    within.find(({ intentsPerSecond }) => intentsPerSecond >= GOOD_ENOUGH * best) ??
    points.toSorted((a, b) => a.p99Ms - b.p99Ms)[0]
  if (point === undefined) return undefined
  const { size } = point
  const least = Math.min(50, size)
  return {
    point,
    isWithinLatency: within.length > 0,
    batching: {
      timeWindowMs: Math.min(MOST_WINDOW_MS, Math.max(1, Math.round(point.p50Ms))),
      maxBatchSize: size,
      maxConcurrentBatches: writers,
      adaptiveBatching: {
        initialBatchSize: Math.max(least, Math.round(size / 4)),
        minBatchSize: least,
        maxBatchSize: size,
        performanceThresholds: { latencyThreshold: latencyMs },
      },
    },
  }
}
