import { Ewma } from '@millrace/kernel'
import { type Bench, WITHIN_4X } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { longTailed } from '../harness/random.ts'

const ITEMS = 50_000
const ALPHA = 0.1
const samples = longTailed(ITEMS, 10, 3)

/** What does a moving average cost beside its formula? */
export default async function ewma(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'ewma/observe',
    items: ITEMS,
    tolerance: 1e-9,
    ours: () => {
      const average = new Ewma({ alpha: ALPHA })
      for (let index = 0; index < ITEMS; index++) average.observe(samples[index]!)
      return average.value
    },
    peers: [
      {
        name: 'bare typed-array loop',
        goal: WITHIN_4X,
        pass: () => {
          const average = new Float64Array(1)
          for (let index = 0; index < ITEMS; index++) average[0]! += ALPHA * (samples[index]! - average[0]!)
          return average[0]!
        },
      },
    ],
  })
}
