import { Regression } from '@millrace/kernel'
import { type Bench, WITHIN_4X } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { seededRandom } from '../harness/random.ts'
import { newLine, observe, predict } from './least-squares.ts'

const ITEMS = 20_000
const random = seededRandom(6)
const sizes = Float64Array.from({ length: ITEMS }, () => random() * 10)
const times = sizes.map((size) => 2 + 0.5 * size + random() * 0.1)

const ours = new Regression({ dimension: 2, initialVariance: 1000 })
const bare = newLine()

/** What does a fit of any small dimension cost beside a line unrolled by hand? */
export default async function regression(bench: Bench): Promise<void> {
  /** A constant, the size and, to learn from, the time. */
  const sample = Float64Array.of(1, 0, 0)
  await comparePerItem(bench, {
    id: 'regression/observe',
    items: ITEMS,
    tolerance: 0.02,
    ours: () => {
      for (let index = 0; index < ITEMS; index++) {
        sample[1] = sizes[index]!
        sample[2] = times[index]!
        ours.observe(sample)
      }
      sample[1] = 5
      return ours.predict(sample)
    },
    peers: [
      {
        name: 'bare line in a typed array',
        goal: WITHIN_4X,
        pass: () => {
          for (let index = 0; index < ITEMS; index++) observe(bare, sizes[index]!, times[index]!)
          return predict(bare, 5)
        },
      },
    ],
  })
  await comparePerItem(bench, {
    id: 'regression/predict',
    items: ITEMS,
    tolerance: 0.02,
    ours: () => {
      let sum = 0
      for (let index = 0; index < ITEMS; index++) {
        sample[1] = sizes[index]!
        sum += ours.predict(sample)
      }
      return sum
    },
    peers: [
      {
        name: 'bare line in a typed array',
        goal: WITHIN_4X,
        pass: () => {
          let sum = 0
          for (let index = 0; index < ITEMS; index++) sum += predict(bare, sizes[index]!)
          return sum
        },
      },
    ],
  })
}
