import { TimingWheel } from '@millrace/kernel'
import FlatQueue from 'flatqueue'
import { AHEAD, type Bench } from '../harness/bench.ts'
import { compareHeld } from '../harness/held.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { seededRandom } from '../harness/random.ts'
import { mix } from './mix.ts'

const SLOTS = 100_000
/** A minute of ticks of 2 ms: from one time that a slot is due to the next. */
const INTERVAL = 30_000
const BATCH = 100

const random = seededRandom(1)
const phases = Int32Array.from({ length: SLOTS }, () => 1 + Math.floor(random() * INTERVAL))
const out = new Int32Array(BATCH)

/** What does it cost to find what is due and to schedule it anew, each slot once a pass; and to change one's mind? */
export default async function timingWheel(bench: Bench): Promise<void> {
  const wheel = new TimingWheel({ capacity: SLOTS })
  const heap = new FlatQueue<number>()
  const buckets: number[][] = Array.from({ length: INTERVAL }, () => [])
  phases.forEach((phase, slot) => {
    wheel.schedule(slot, phase)
    heap.push(slot, phase)
    buckets[phase - 1]!.push(slot)
  })
  let heapNow = 0
  let bucketsNow = 0
  await comparePerItem(bench, {
    id: 'timing-wheel/due-again',
    items: SLOTS,
    ours: () => {
      const end = wheel.now + INTERVAL
      let sum = 0
      for (let now = wheel.now + 1; now <= end; now++) {
        for (let count = wheel.advance(now, out); count > 0; count = wheel.advance(now, out)) {
          for (let index = 0; index < count; index++) {
            const slot = out[index]!
            sum = (sum + slot) | 0
            wheel.schedule(slot, wheel.dueOf(slot) + INTERVAL)
          }
        }
      }
      return sum
    },
    peers: [
      {
        name: 'bare array a tick, interval known',
        pass: () => {
          const end = bucketsNow + INTERVAL
          let sum = 0
          for (; bucketsNow < end; bucketsNow++)
            for (const slot of buckets[bucketsNow % INTERVAL]!) sum = (sum + slot) | 0
          return sum
        },
      },
      {
        name: 'flatqueue',
        goal: AHEAD,
        pass: () => {
          heapNow += INTERVAL
          let sum = 0
          for (let due = heap.peekValue()!; due <= heapNow; due = heap.peekValue()!) {
            const slot = heap.pop()!
            sum = (sum + slot) | 0
            heap.push(slot, due + INTERVAL)
          }
          return sum
        },
      },
    ],
  })
  const deadlines = new TimingWheel({ capacity: SLOTS })
  const marked = new Uint8Array(SLOTS)
  await comparePerItem(bench, {
    id: 'timing-wheel/schedule-cancel',
    items: SLOTS,
    ours: () => {
      for (let slot = 0; slot < SLOTS; slot++) deadlines.schedule(slot, deadlines.now + phases[slot]!)
      let checksum = 0
      for (let slot = 0; slot < SLOTS; slot++) checksum = mix(checksum, deadlines.cancel(slot) ? slot : -1)
      return checksum
    },
    peers: [
      {
        name: 'flatqueue, marks',
        goal: AHEAD,
        pass: () => {
          const queue = new FlatQueue<number>()
          for (let slot = 0; slot < SLOTS; slot++) queue.push(slot, phases[slot]!)
          let checksum = 0
          for (let slot = 0; slot < SLOTS; slot++) {
            checksum = mix(checksum, marked[slot] === 0 ? slot : -1)
            marked[slot] = 1
          }
          while (queue.pop() !== undefined) {}
          marked.fill(0)
          return checksum
        },
      },
    ],
  })
  await compareHeld(bench, {
    id: 'timing-wheel/held',
    items: SLOTS,
    ours: () => {
      const full = new TimingWheel({ capacity: SLOTS })
      phases.forEach((phase, slot) => {
        full.schedule(slot, phase)
      })
      return full
    },
    peers: [
      {
        name: 'flatqueue',
        goal: AHEAD,
        fill: () => {
          const queue = new FlatQueue<number>()
          phases.forEach((phase, slot) => {
            queue.push(slot, phase)
          })
          return queue
        },
      },
    ],
  })
}
