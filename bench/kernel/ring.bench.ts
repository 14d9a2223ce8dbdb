import { Ring } from '@millrace/kernel'
import Denque from 'denque'
import { AHEAD, type Bench, WITHIN_4X } from '../harness/bench.ts'
import { compareHeld } from '../harness/held.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { mix } from './mix.ts'

const ITEMS = 50_000
const DEPTH = 1024
const items = Array.from({ length: ITEMS }, (_, id) => ({ id }))
type Item = (typeof items)[number]

interface Queue {
  push(item: Item): unknown
  shift(): Item | undefined
}

/** What does a queue cost that is as long all the time, and one that fills up and runs empty? */
export default async function ring(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'ring/push-shift',
    items: ITEMS,
    ours: () => {
      const queue = new Ring<Item>()
      let checksum = 0
      for (let index = 0; index < ITEMS; index++) {
        queue.push(items[index]!)
        if (index >= DEPTH) checksum = mix(checksum, queue.shift()!.id)
      }
      return checksum
    },
    peers: [
      { name: 'bare circular array', goal: WITHIN_4X, pass: circularPass },
      {
        name: 'denque',
        goal: AHEAD,
        pass: () => {
          const queue = new Denque<Item>()
          let checksum = 0
          for (let index = 0; index < ITEMS; index++) {
            queue.push(items[index]!)
            if (index >= DEPTH) checksum = mix(checksum, queue.shift()!.id)
          }
          return checksum
        },
      },
    ],
  })
  await comparePerItem(bench, {
    id: 'ring/fill-drain',
    items: ITEMS,
    ours: () => {
      const queue = new Ring<Item>()
      for (let index = 0; index < ITEMS; index++) queue.push(items[index]!)
      let checksum = 0
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) checksum = mix(checksum, item.id)
      return checksum
    },
    peers: [
      { name: 'bare array', goal: WITHIN_4X, pass: arrayPass },
      {
        name: 'denque',
        goal: AHEAD,
        pass: () => {
          const queue = new Denque<Item>()
          for (let index = 0; index < ITEMS; index++) queue.push(items[index]!)
          let checksum = 0
          for (let item = queue.shift(); item !== undefined; item = queue.shift()) checksum = mix(checksum, item.id)
          return checksum
        },
      },
    ],
  })
  await compareHeld(bench, {
    id: 'ring/held',
    items: ITEMS,
    ours: () => filled(new Ring<Item>()),
    peers: [
      { name: 'bare array', goal: WITHIN_4X, fill: () => filled([]) },
      // No goal: both double one array, and so hold the same.
      { name: 'denque', fill: () => filled(new Denque<Item>()) },
    ],
  })
}

/** A length that is known in advance and a mask: no growth, no check. */
function circularPass(): number {
  const slots = new Array<Item | undefined>(DEPTH * 2).fill(undefined)
  const mask = slots.length - 1
  let checksum = 0
  for (let index = 0; index < ITEMS; index++) {
    slots[index & mask] = items[index]!
    if (index >= DEPTH) {
      const head = (index - DEPTH) & mask
      checksum = mix(checksum, slots[head]!.id)
      slots[head] = undefined
    }
  }
  return checksum
}

/** Pushed, and read by index. */
function arrayPass(): number {
  const queue: Item[] = []
  for (let index = 0; index < ITEMS; index++) queue.push(items[index]!)
  let checksum = 0
  for (let index = 0; index < ITEMS; index++) checksum = mix(checksum, queue[index]!.id)
  return checksum
}

function filled<Q extends Pick<Queue, 'push'>>(queue: Q): Q {
  for (const item of items) queue.push(item)
  return queue
}
