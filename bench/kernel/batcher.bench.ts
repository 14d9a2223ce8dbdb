import { Batcher } from '@millrace/kernel'
import { type Bench, WITHIN_4X } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { mix } from './mix.ts'

const ITEMS = 85_700
const MAX_ITEMS = 857
const items = Array.from({ length: ITEMS }, (_, id) => ({ id, bytes: 200 }))
type Item = (typeof items)[number]

/** Its arrays are used again from pass to pass, as they are while it works. */
const gathered = new Batcher<Item>({ maxItems: MAX_ITEMS, maxBytes: 2 ** 22, maxAgeMs: 10 })

/** What does gathering items into batches cost, with bounds on count, bytes and age? */
export default async function batcher(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'batcher/add-and-take',
    items: ITEMS,
    ours: () => {
      let checksum = 0
      for (const item of items) {
        gathered.add(item, item.bytes, 0)
        if (gathered.trigger(0, false) === undefined) continue
        const batch = gathered.take()
        for (let index = 0; index < batch.count; index++) checksum = mix(checksum, batch.items[index]!.id)
        gathered.recycle(batch)
      }
      return checksum
    },
    peers: [
      {
        name: 'bare array',
        goal: WITHIN_4X,
        pass: () => {
          let checksum = 0
          let batch: Item[] = []
          for (const item of items) {
            batch.push(item)
            if (batch.length < MAX_ITEMS) continue
            for (const one of batch) checksum = mix(checksum, one.id)
            batch = []
          }
          return checksum
        },
      },
    ],
  })
}
