import { partition } from '@millrace/kernel'
import { type Bench, WITHIN_4X } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { longTailed } from '../harness/random.ts'
import { mix } from './mix.ts'

const ITEMS = 100_000
const WORKERS = 8
const MAX_ITEMS = 200
const costs = longTailed(ITEMS, 1, 2).sort((a, b) => b - a)

/** What does cutting by cost take of the time that the items would take anyway? */
export default async function partitioning(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'partition/factoring',
    items: ITEMS,
    ours: () => partition(costs, { workers: WORKERS, maxItems: MAX_ITEMS }).reduce(mix, 0),
    peers: [{ name: 'bare typed-array loop', goal: WITHIN_4X, pass: () => cut().reduce(mix, 0) }],
  })
}

/** The same rule, unchecked. */
function cut(): Uint32Array {
  let remaining = 0
  for (let index = 0; index < ITEMS; index++) remaining += costs[index]!
  const ends = new Uint32Array(ITEMS)
  let batches = 0
  for (let index = 0; index < ITEMS; ) {
    const target = remaining / (2 * WORKERS)
    const last = index + MAX_ITEMS
    let cost = costs[index++]!
    while (index < ITEMS && index < last && cost < target) cost += costs[index++]!
    remaining -= cost
    ends[batches++] = index
  }
  return ends.subarray(0, batches)
}
