import { modelBatches } from '@millrace/intents'
import type { TuneResult } from '@millrace/intents/postgres'
import { describe, expect, test } from 'vitest'
import { modelReport } from '../../../src/intents/sizing/model-words.ts'
import { tuneReport } from '../../../src/intents/sizing/tune-words.ts'
import { createStyle } from '../../../src/text/style.ts'
import { displayWidth } from '../../../src/text/width.ts'

const view = { style: createStyle({ color: false, unicode: true }), width: 80 }
const usual = { timeWindowMs: 10, maxBatchSize: 857, connections: 2, fixedMs: 0.5, perIntentMs: 0.005 }

function model(ratePerSecond: number, options: Partial<typeof usual> = {}): string {
  const all = { ...usual, ...options, ratePerSecond }
  return modelReport(all, modelBatches(all), view)
}

describe('millrace intents model', () => {
  test("tells the specification's example", () => {
    expect(model(2000)).toContain(`
  2,000 intents a second · a window of 10 ms · at most 857 in a batch

  Fill         21 intents · 9 of 10 batches have 14 to 29
  Leave        after the window 100 % · full 0 %
  Batches      95.2 a second
  Added wait   5.2 ms on average · p95 10 ms · p99 10 ms
  Writing      0.6 ms a batch · 18× less of the database's time than one by one
  Round trips  95.2 a second instead of 2,000 · 95.2 % saved
  Connections  2.9 % of 2 used · at most 358,203 intents a second can be written
  Adaptive     would hardly wait: an idle connection takes at once what there is

  How many are in a batch
`)
  })

  test('tells what the bottleneck is', () => {
    expect(model(200_000)).toContain('after the window 0 % · full 100 %')
    expect(model(100_000, { fixedMs: 30, maxBatchSize: 5000 })).toContain('when a connection gets free')
    expect(model(1e6)).toContain('✗ at most 358,203 intents a second can be written: the rest would wait without end')
  })

  test('keeps within the width for whatever it is asked', () => {
    for (const rate of [0.001, 1, 500, 85_000, 86_000, 1e9]) {
      for (const line of model(rate)
        .split('\n')
        .filter((text) => /[▁█]/.test(text))) {
        expect(displayWidth(line)).toBeLessThanOrEqual(80)
      }
      expect(model(rate)).not.toMatch(/NaN|undefined|Infinity/)
    }
  })
})

describe('millrace intents tune', () => {
  const point = (size: number, intentsPerSecond: number, ms: number) => ({
    size,
    intentsPerSecond,
    meanMs: ms,
    p50Ms: ms,
    p99Ms: 2 * ms,
    batches: 100,
  })
  const points = [point(1, 1000, 1), point(500, 50_000, 10)] as const
  const result: TuneResult = {
    server: 'PostgreSQL 18.4',
    connections: 2,
    latencyMs: 100,
    points,
    isComplete: true,
    time: { fixedMs: 0.98, perIntentMs: 0.018 },
    recommended: {
      point: points[1],
      isWithinLatency: true,
      batching: {
        timeWindowMs: 10,
        maxBatchSize: 500,
        maxConcurrentBatches: 2,
        adaptiveBatching: { maxBatchSize: 500 },
      },
    },
  }

  test('tells the curve, the line through it, and what to write', () => {
    expect(tuneReport(result, view)).toBe(`
  PostgreSQL 18.4 · JSONB patches, 2 batches at a time

  SIZE  INTENTS/S  P50 A BATCH     P99
     1      1,000       1.0 ms  2.0 ms  ▊
   500     50,000        10 ms   20 ms  ${'█'.repeat(38)}

  A batch of n takes about 0.98 + 0.018 × n ms
  ✓ 500 in a batch: 50,000 a second, p99 20 ms, 50.0 times as many as one by one

  createBatchScheduler({
    sink: createPostgresSink({ url, connections: 2 }),
    timeWindowMs: 10,
    maxBatchSize: 500,
    maxConcurrentBatches: 2,
    adaptiveBatching: {
      maxBatchSize: 500,
    },
    intents,
  })
`)
  })

  test('tells when it was ended early, or nothing is fast enough', () => {
    expect(tuneReport({ ...result, isComplete: false }, view)).toContain('Ended early')
    const slow = { ...result.recommended!, isWithinLatency: false }
    expect(tuneReport({ ...result, recommended: slow }, view)).toContain('No size is written within 100 ms (p99): 500')
    expect(tuneReport({ ...result, points: [], recommended: undefined }, view)).toContain('Nothing was measured')
  })
})
