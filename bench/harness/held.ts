import type { Bench } from './bench.ts'
import { compare, type Sample } from './compare.ts'
import { collectAll, usedBytes } from './memory.ts'

/** Makes a structure that holds all items. */
export type Fill = () => object

export interface HeldComparison {
  /** `part/question`. */
  readonly id: string
  /** Items that each structure holds. */
  readonly items: number
  readonly ours: Fill
  readonly peers: readonly { readonly name: string; readonly goal?: number; readonly fill: Fill }[]
}

/** Measures the bytes per item that a full structure holds, on the heap and in array buffers, after a collection. */
export async function compareHeld(bench: Bench, { id, items, ours, peers }: HeldComparison): Promise<void> {
  await compare(bench, {
    id,
    unit: 'bytes',
    rounds: 5,
    ours: () => heldSample(ours, items),
    peers: peers.map(({ name, goal, fill }) => ({
      name,
      ...(goal !== undefined && { goal }),
      sample: () => heldSample(fill, items),
    })),
  })
}

let kept: object | undefined

/** Bytes that what `fill` makes holds, on the heap and in array buffers, after a collection. */
export function heldBytes(fill: Fill): number {
  kept = undefined
  collectAll()
  const before = usedBytes()
  kept = fill()
  collectAll()
  const after = usedBytes()
  // Read after the measurement, so that the structure is in use until then.
  const bytes = kept === undefined ? 0 : after - before
  kept = undefined
  return Math.max(0, bytes)
}

function heldSample(fill: Fill, items: number): Sample {
  return { value: heldBytes(fill) / items, checksum: items }
}
