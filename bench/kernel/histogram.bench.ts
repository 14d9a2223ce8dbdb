import { createHistogram } from 'node:perf_hooks'
import { Histogram } from '@millrace/kernel'
import { build } from 'hdr-histogram-js'
import { AHEAD, type Bench, WITHIN_4X } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { longTailed } from '../harness/random.ts'

const ITEMS = 50_000
const LIMIT = 2 ** 16
/** Makes a scan about as long as ours is. */
const BUCKET_BITS = 2
const QUERIES = 300
const PERCENTILES = [50, 90, 99]
/** Whole numbers from 1: the only ones that all of the peers take. */
const values = longTailed(ITEMS, 1000, 5).map((value) => Math.min(LIMIT - 1, Math.max(1, Math.round(value))))

const ours = new Histogram({ lowest: 1, highest: 1e9 })
const bare = new Float64Array(LIMIT >>> BUCKET_BITS)
/** What a histogram knows exactly beside its buckets. */
const totals = new Float64Array(4)
const EMPTY = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
const [COUNT, SUM, MIN, MAX] = [0, 1, 2, 3] as const
const hdr = build({ highestTrackableValue: 1e9, numberOfSignificantValueDigits: 2 })
const native = createHistogram({ lowest: 1, highest: 1e9, figures: 2 })

/** What does recording a value cost, and what asking for a percentile? */
export default async function histogram(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'histogram/record',
    items: ITEMS,
    ours: () => {
      ours.reset()
      for (let index = 0; index < ITEMS; index++) ours.record(values[index]!)
      return ours.count
    },
    peers: [
      {
        name: 'bare typed array, linear buckets',
        goal: WITHIN_4X,
        pass: () => {
          bare.fill(0)
          totals.set(EMPTY)
          for (let index = 0; index < ITEMS; index++) {
            const value = values[index]!
            bare[value >>> BUCKET_BITS]!++
            totals[COUNT]!++
            totals[SUM]! += value
            if (value < totals[MIN]!) totals[MIN] = value
            if (value > totals[MAX]!) totals[MAX] = value
          }
          return totals[COUNT]!
        },
      },
      {
        name: 'hdr-histogram-js',
        goal: AHEAD,
        pass: () => {
          hdr.reset()
          for (let index = 0; index < ITEMS; index++) hdr.recordValue(values[index]!)
          return hdr.totalCount
        },
      },
      {
        name: 'node:perf_hooks',
        pass: () => {
          native.reset()
          for (let index = 0; index < ITEMS; index++) native.record(values[index]!)
          return native.count
        },
      },
    ],
  })
  await comparePerItem(bench, {
    id: 'histogram/percentile',
    items: QUERIES,
    tolerance: 0.02,
    ours: () => sumOf((p) => ours.percentile(p)),
    peers: [
      { name: 'bare scan of a typed array', goal: WITHIN_4X, pass: () => sumOf(scan) },
      { name: 'hdr-histogram-js', goal: AHEAD, pass: () => sumOf((p) => hdr.getValueAtPercentile(p)) },
      { name: 'node:perf_hooks', pass: () => sumOf((p) => native.percentile(p)) },
    ],
  })
}

function sumOf(percentile: (p: number) => number): number {
  let sum = 0
  for (let query = 0; query < QUERIES; query++) sum += percentile(PERCENTILES[query % PERCENTILES.length]!)
  return sum
}

function scan(p: number): number {
  const rank = Math.ceil((p / 100) * ITEMS)
  let bucket = 0
  for (let seen = bare[0]!; seen < rank; seen += bare[bucket]!) bucket++
  return (bucket + 0.5) * 2 ** BUCKET_BITS
}
