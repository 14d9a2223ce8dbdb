import { coalesce } from '@millrace/kernel'
import { type Bench, WITHIN_4X } from '../harness/bench.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { mix } from './mix.ts'

const ITEMS = 857
const items = Array.from({ length: ITEMS }, (_, id) => ({ id, key: `player:${id}`, row: `player:${id % 800}` }))
type Item = (typeof items)[number]

/** What does it cost to see that no key is in a batch twice, and to lay it out in waves where some are? */
export default async function coalescing(bench: Bench): Promise<void> {
  const cases = [
    { id: 'coalesce/nothing-twice', keyOf: (item: Item) => item.key },
    { id: 'coalesce/some-twice', keyOf: (item: Item) => item.row },
  ]
  for (const { id, keyOf } of cases) {
    await comparePerItem(bench, {
      id,
      items: ITEMS,
      ours: () => checksumOf(coalesce(items, ITEMS, { keyOf })),
      peers: [{ name: 'bare map of arrays', goal: WITHIN_4X, pass: () => checksumOf(wavesByKey(keyOf)) }],
    })
  }
}

/** As it is written by hand: how often a key was there is the wave of the next item of it. */
function wavesByKey(keyOf: (item: Item) => string): Item[][] {
  const counts = new Map<string, number>()
  const waves: Item[][] = []
  for (const item of items) {
    const key = keyOf(item)
    const wave = counts.get(key) ?? 0
    counts.set(key, wave + 1)
    if (waves.length === wave) waves.push([])
    waves[wave]!.push(item)
  }
  return waves
}

function checksumOf(waves: readonly (readonly Item[])[]): number {
  let checksum = 0
  for (const wave of waves) for (const item of wave) checksum = mix(checksum, item.id)
  return checksum
}
