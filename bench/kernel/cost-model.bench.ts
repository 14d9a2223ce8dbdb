import { CostModel } from '@millrace/kernel'
import { type Bench, WITHIN_4X } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { longTailed, seededRandom } from '../harness/random.ts'
import { type Line, newLine, observe, predict } from './least-squares.ts'

const ITEMS = 20_000
const KEYS = ['source:typescript', 'source:javascript', 'ast:javascript', 'source:python']
const random = seededRandom(7)
const keys = Array.from({ length: ITEMS }, () => KEYS[Math.floor(random() * KEYS.length)]!)
const sizes = longTailed(ITEMS, 4, 8)
const times = sizes.map((size, index) => (0.2 + 0.1 * size) * (1 + KEYS.indexOf(keys[index]!)) * (0.95 + random() / 10))

const ours = new CostModel({ prior: { baseMs: 0.2, msPerUnit: 0.1 } })
const bareAll = newLine()
const bare = new Map(KEYS.map((key): [string, Line] => [key, newLine()]))

/** What does learning costs robustly take beside two fits a sample, of its key and of all keys? */
export default async function costModel(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'cost-model/observe',
    items: ITEMS,
    tolerance: 0.1,
    ours: () => {
      for (let index = 0; index < ITEMS; index++) ours.observe(keys[index]!, sizes[index]!, times[index]!)
      return ours.predict(KEYS[0]!, 50)
    },
    peers: [
      {
        name: 'bare lines in typed arrays',
        goal: WITHIN_4X,
        pass: () => {
          for (let index = 0; index < ITEMS; index++) {
            observe(bare.get(keys[index]!)!, sizes[index]!, times[index]!)
            observe(bareAll, sizes[index]!, times[index]!)
          }
          return predict(bare.get(KEYS[0]!)!, 50)
        },
      },
    ],
  })
  await comparePerItem(bench, {
    id: 'cost-model/predict',
    items: ITEMS,
    tolerance: 0.1,
    ours: () => {
      let sum = 0
      for (let index = 0; index < ITEMS; index++) sum += ours.predict(keys[index]!, sizes[index]!)
      return sum
    },
    peers: [
      {
        name: 'bare lines in typed arrays',
        goal: WITHIN_4X,
        pass: () => {
          let sum = 0
          for (let index = 0; index < ITEMS; index++) sum += predict(bare.get(keys[index]!)!, sizes[index]!)
          return sum
        },
      },
    ],
  })
}
