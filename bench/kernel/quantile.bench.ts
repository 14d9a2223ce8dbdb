import { Quantile } from '@millrace/kernel'
import { TDigest } from 'tdigest'
import { AHEAD, type Bench, WITHIN_4X } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { longTailed } from '../harness/random.ts'

const ITEMS = 20_000
const P = 0.95
const samples = longTailed(ITEMS, 10, 4)

/** What does a running quantile cost beside keeping all samples and sorting them in the end? */
export default async function quantile(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'quantile/observe',
    items: ITEMS,
    tolerance: 0.05,
    ours: () => {
      const estimate = new Quantile({ quantile: P })
      for (let index = 0; index < ITEMS; index++) estimate.observe(samples[index]!)
      return estimate.value
    },
    peers: [
      {
        name: 'bare typed array, sorted',
        goal: WITHIN_4X,
        pass: () => {
          const kept = new Float64Array(ITEMS)
          for (let index = 0; index < ITEMS; index++) kept[index] = samples[index]!
          return kept.sort()[Math.ceil(P * ITEMS) - 1]!
        },
      },
      {
        name: 'tdigest',
        goal: AHEAD,
        pass: () => {
          const digest = new TDigest()
          for (let index = 0; index < ITEMS; index++) digest.push(samples[index]!)
          return digest.percentile(P)
        },
      },
    ],
  })
}
