import { Lanes } from '@millrace/kernel'
import FlatQueue from 'flatqueue'
import { Heap } from 'heap-js'
import { AHEAD, type Bench, WITHIN_4X } from '../harness/bench.ts'
import { compareHeld } from '../harness/held.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { seededRandom } from '../harness/random.ts'
import { mix } from './mix.ts'

const ITEMS = 20_000
const DEPTH = 1024
const LANES = 4
/** Not a whole number, so that no two items share a turn and every queue must give the same order. */
const AGE_MS = 1000.3

interface Item {
  readonly id: number
  readonly lane: number
  /** The moment at which it counts as in lane 0. */
  readonly turn: number
}

const random = seededRandom(1)
const items: readonly Item[] = Array.from({ length: ITEMS }, (_, id) => {
  const lane = Math.floor(random() * LANES)
  return { id, lane, turn: id + lane * AGE_MS }
})
const byTurn = (a: Item, b: Item) => a.turn - b.turn

/** Every pass drains the queue it is given, and finds it as large as the last pass left it. */
const lanesQueue = new Lanes<Item>({ lanes: LANES, ageMs: AGE_MS })
const flatQueue = new FlatQueue<Item>()
const heap = new Heap<Item>(byTurn)
/** Time goes on from pass to pass. */
let time = 0
const handles = new Float64Array(DEPTH)
const cancelled = new Uint8Array(DEPTH)

/** What does priority with ageing cost beside a heap ordered by the same turns, and what does leaving early? */
export default async function lanes(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'lanes/push-shift',
    items: ITEMS,
    ours: () => {
      const start = time
      let checksum = 0
      for (let index = 0; index < ITEMS; index++) {
        const item = items[index]!
        lanesQueue.push(item, item.lane, start + index)
        if (index >= DEPTH) checksum = mix(checksum, lanesQueue.shift()!.id)
      }
      while (lanesQueue.shift() !== undefined) {}
      time += ITEMS
      return checksum
    },
    peers: [
      { name: 'bare circular arrays', goal: WITHIN_4X, pass: circularPass },
      {
        name: 'flatqueue',
        goal: AHEAD,
        pass: () => {
          let checksum = 0
          for (let index = 0; index < ITEMS; index++) {
            const item = items[index]!
            flatQueue.push(item, item.turn)
            if (index >= DEPTH) checksum = mix(checksum, flatQueue.pop()!.id)
          }
          while (flatQueue.pop() !== undefined) {}
          return checksum
        },
      },
      {
        name: 'heap-js',
        goal: AHEAD,
        pass: () => {
          let checksum = 0
          for (let index = 0; index < ITEMS; index++) {
            heap.push(items[index]!)
            if (index >= DEPTH) checksum = mix(checksum, heap.pop()!.id)
          }
          while (heap.pop() !== undefined) {}
          return checksum
        },
      },
    ],
  })
  await comparePerItem(bench, {
    id: 'lanes/cancel-every-second',
    items: DEPTH,
    ours: () => {
      const start = time
      for (let index = 0; index < DEPTH; index++) {
        handles[index] = lanesQueue.push(items[index]!, items[index]!.lane, start + index)
      }
      for (let index = 0; index < DEPTH; index += 2) lanesQueue.cancel(handles[index]!)
      let checksum = 0
      for (let item = lanesQueue.shift(); item !== undefined; item = lanesQueue.shift())
        checksum = mix(checksum, item.id)
      time += ITEMS
      return checksum
    },
    peers: [
      {
        name: 'flatqueue, marks',
        goal: AHEAD,
        pass: () => {
          for (let index = 0; index < DEPTH; index++) {
            cancelled[index] = 0
            flatQueue.push(items[index]!, items[index]!.turn)
          }
          for (let index = 0; index < DEPTH; index += 2) cancelled[index] = 1
          let checksum = 0
          for (let item = flatQueue.pop(); item !== undefined; item = flatQueue.pop()) {
            if (cancelled[item.id] === 0) checksum = mix(checksum, item.id)
          }
          return checksum
        },
      },
      {
        name: 'heap-js',
        goal: AHEAD,
        pass: () => {
          for (let index = 0; index < DEPTH; index++) heap.push(items[index]!)
          for (let index = 0; index < DEPTH; index += 2) heap.remove(items[index]!)
          let checksum = 0
          for (let item = heap.pop(); item !== undefined; item = heap.pop()) checksum = mix(checksum, item.id)
          return checksum
        },
      },
    ],
  })
  await compareHeld(bench, {
    id: 'lanes/held',
    items: ITEMS,
    ours: () => {
      const queue = new Lanes<Item>({ lanes: LANES, ageMs: AGE_MS })
      for (const item of items) queue.push(item, item.lane, item.id)
      return queue
    },
    peers: [
      {
        name: 'bare arrays of items and turns',
        goal: WITHIN_4X,
        fill: () => {
          const queues = Array.from({ length: LANES }, () => ({ items: [] as Item[], turns: [] as number[] }))
          for (const item of items) {
            queues[item.lane]!.items.push(item)
            queues[item.lane]!.turns.push(item.turn)
          }
          return queues
        },
      },
      {
        name: 'flatqueue',
        fill: () => {
          const queue = new FlatQueue<Item>()
          for (const item of items) queue.push(item, item.turn)
          return queue
        },
      },
    ],
  })
}

const length = DEPTH * 2
const slots = new Array<Item | undefined>(LANES * length).fill(undefined)
const turns = new Float64Array(LANES * length)

/** A circular array a lane, long enough for all, whose heads are compared: no handle, no growth, no check. */
function circularPass(): number {
  const heads = new Int32Array(LANES)
  const tails = new Int32Array(LANES)
  let checksum = 0
  for (let index = 0; index < ITEMS; index++) {
    const item = items[index]!
    const tail = item.lane * length + (tails[item.lane]!++ & (length - 1))
    slots[tail] = item
    turns[tail] = index + item.lane * AGE_MS
    if (index < DEPTH) continue
    let first = -1
    let firstTurn = Number.POSITIVE_INFINITY
    for (let lane = 0; lane < LANES; lane++) {
      if (heads[lane] === tails[lane]) continue
      const place = lane * length + (heads[lane]! & (length - 1))
      if (turns[place]! < firstTurn) {
        first = place
        firstTurn = turns[place]!
      }
    }
    const taken = slots[first]!
    slots[first] = undefined
    heads[taken.lane]!++
    checksum = mix(checksum, taken.id)
  }
  return checksum
}
