import {
  createSharedRing,
  createSharedWindow,
  SharedRingConsumer,
  SharedRingProducer,
  SharedWindowClaimer,
  SharedWindowProducer,
} from '@millrace/kernel'
import { BATCH, DOUBLES, sumOf } from './shared-ring-sides.ts'

const BYTES = 8 * DOUBLES
const RING_BYTES = 2 ** 18
const SLOTS = 256

/** Memory for tasks and for results. */
export interface Memories {
  readonly tasks: SharedArrayBuffer
  readonly results: SharedArrayBuffer
}

/** Has `count` tasks done by another thread, and returns the sum of all that the results hold, modulo 2^32. */
export type Delegate = (count: number) => number
/** Does `count` tasks: adds 1 to each double. */
export type Work = (count: number) => void

/** A way for tasks to another thread; results come back through a ring in all of them. */
export interface Way {
  readonly create: () => Memories
  readonly main: (memories: Memories) => Delegate
  readonly worker: (memories: Memories) => Work
}

/** Longer than the other side takes for a batch, if it has a core. */
const LOOKS = 1000

const results = () => createSharedRing({ capacityBytes: RING_BYTES })

function writeTask(doubles: Float64Array, at: number, id: number): void {
  for (let index = 0; index < DOUBLES; index++) doubles[at + index] = id + index
}

/**
 * The result of the task at `from`, at `to`, by way of private memory: where a task is not a number but a view, it must
 * not be shared.
 */
function work(tasks: Float64Array, from: number, own: Float64Array, doubles: Float64Array, to: number): void {
  for (let index = 0; index < DOUBLES; index++) own[index] = tasks[from + index]!
  for (let index = 0; index < DOUBLES; index++) doubles[to + index] = own[index]! + 1
}

/** Adds up the results that are there, after a while of looking and then sleep for the first. */
function collector(ring: SharedRingConsumer, done: (tag: number) => void): () => { count: number; sum: number } {
  const doubles = new Float64Array(ring.buffer)
  const found = { count: 0, sum: 0 }
  return () => {
    let place = ring.next()
    for (let looks = 0; place < 0; looks++) {
      if (looks >= LOOKS) ring.wait()
      place = ring.next()
    }
    found.count = 0
    found.sum = 0
    for (; place >= 0; place = ring.next()) {
      found.sum = (found.sum + sumOf(doubles, place >> 3, DOUBLES)) >>> 0
      found.count++
      const { tag } = ring
      ring.release()
      done(tag)
    }
    return found
  }
}

/** Sends and collects until `count` are back. `send` may refuse. */
function delegate(
  count: number,
  send: (id: number) => boolean,
  publish: () => void,
  collect: ReturnType<typeof collector>,
) {
  let [sent, back, total] = [0, 0, 0]
  while (back < count) {
    while (sent < count && send(sent)) if (++sent % BATCH === 0) publish()
    publish()
    const { count: found, sum } = collect()
    back += found
    total = (total + sum) >>> 0
  }
  return total
}

/** Where the next result goes. */
function placeIn(ring: SharedRingProducer): number {
  let place = ring.reserve(BYTES)
  for (; place < 0; place = ring.reserve(BYTES)) ring.wait(BYTES)
  return place
}

const window: Way = {
  create: () => ({ tasks: createSharedWindow({ slots: SLOTS, slotBytes: BYTES }), results: results() }),
  main: (memories) => {
    const tasks = new SharedWindowProducer(memories.tasks)
    const doubles = new Float64Array(memories.tasks)
    const send = (id: number) => {
      const slot = tasks.reserve()
      if (slot < 0) return false
      writeTask(doubles, tasks.offsetOf(slot) >> 3, id)
      tasks.commit(slot, BYTES, 0, id)
      return true
    }
    const collect = collector(new SharedRingConsumer(memories.results), (slot) => tasks.release(slot))
    return (count) => delegate(count, send, () => tasks.publish(), collect)
  },
  worker: (memories) => {
    const tasks = new SharedWindowClaimer(memories.tasks, 0, { looks: LOOKS })
    const ring = new SharedRingProducer(memories.results)
    const [input, output] = [new Float64Array(memories.tasks), new Float64Array(memories.results)]
    const own = new Float64Array(DOUBLES)
    return (count) => {
      for (let done = 0; done < count; done++) {
        let slot = tasks.claim()
        while (slot < 0) {
          ring.publish()
          tasks.wait()
          slot = tasks.claim()
        }
        tasks.start(slot)
        const place = placeIn(ring)
        work(input, tasks.offsetOf(slot) >> 3, own, output, place >> 3)
        ring.commit(BYTES, slot)
        if (done % BATCH === BATCH - 1) ring.publish()
      }
      ring.publish()
    }
  },
}

const ring: Way = {
  create: () => ({ tasks: createSharedRing({ capacityBytes: RING_BYTES }), results: results() }),
  main: (memories) => {
    const tasks = new SharedRingProducer(memories.tasks)
    const doubles = new Float64Array(memories.tasks)
    const send = (id: number) => {
      const place = tasks.reserve(BYTES)
      if (place < 0) return false
      writeTask(doubles, place >> 3, id)
      tasks.commit(BYTES, id)
      return true
    }
    const collect = collector(new SharedRingConsumer(memories.results), () => {})
    return (count) => delegate(count, send, () => tasks.publish(), collect)
  },
  worker: (memories) => {
    const tasks = new SharedRingConsumer(memories.tasks)
    const ring = new SharedRingProducer(memories.results)
    const [input, output] = [new Float64Array(memories.tasks), new Float64Array(memories.results)]
    const own = new Float64Array(DOUBLES)
    return (count) => {
      for (let done = 0; done < count; done++) {
        let from = tasks.next()
        for (let looks = 0; from < 0; looks++) {
          if (looks === 0) ring.publish()
          if (looks >= LOOKS) tasks.wait()
          from = tasks.next()
        }
        const place = placeIn(ring)
        work(input, from >> 3, own, output, place >> 3)
        tasks.release()
        ring.commit(BYTES, done)
        if (done % BATCH === BATCH - 1) ring.publish()
      }
      ring.publish()
      tasks.publish()
    }
  },
}

export const ways = { window, ring } as const
export type WayName = keyof typeof ways
