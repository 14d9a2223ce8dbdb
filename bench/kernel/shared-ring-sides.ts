import { createSharedRing, SharedRingConsumer, SharedRingProducer } from '@millrace/kernel'

/** A record is 512 bytes. */
export const DOUBLES = 64
/** Records between two publishings. */
export const BATCH = 16
const CAPACITY_BYTES = 2 ** 18

/**
 * Writes `count` records, the first of number `from`. May return before any was taken; the other side must take them at
 * the same time.
 */
export type Produce = (from: number, count: number) => void
/** Takes `count` records and returns the sum of all that they hold, modulo 2^32. */
export type Consume = (count: number) => number

/** A way to carry records: memory that both sides get, and what each makes of it. */
export interface Way {
  readonly create: () => SharedArrayBuffer
  readonly producer: (memory: SharedArrayBuffer) => Produce
  readonly consumer: (memory: SharedArrayBuffer) => Consume
}

function write(doubles: Float64Array, at: number, id: number): void {
  for (let index = 0; index < DOUBLES; index++) doubles[at + index] = id + index
}

/** Four sums at once: one would measure how long an addition takes. */
export function sumOf(doubles: Float64Array, at: number, count: number): number {
  let [one, two, three, four] = [0, 0, 0, 0]
  for (let index = at; index < at + count; index += 4) {
    one += doubles[index]!
    two += doubles[index + 1]!
    three += doubles[index + 2]!
    four += doubles[index + 3]!
  }
  return one + two + (three + four)
}

/**
 * Looks at a full or empty ring before going to sleep: longer than the other side takes for a batch, if it has a core.
 */
const LOOKS = 500

const shared: Way = {
  create: () => createSharedRing({ capacityBytes: CAPACITY_BYTES }),
  producer: (memory) => {
    const ring = new SharedRingProducer(memory)
    const doubles = new Float64Array(memory)
    return (from, count) => {
      for (let id = from; id < from + count; id++) {
        let place = ring.reserve(8 * DOUBLES)
        for (let looks = 0; place < 0; looks++) {
          if (looks >= LOOKS) ring.wait(8 * DOUBLES)
          place = ring.reserve(8 * DOUBLES)
        }
        write(doubles, place >> 3, id)
        ring.commit(8 * DOUBLES, id)
        if (id % BATCH === BATCH - 1) ring.publish()
      }
      ring.publish()
    }
  },
  consumer: (memory) => {
    const ring = new SharedRingConsumer(memory)
    const doubles = new Float64Array(memory)
    return (count) => {
      let sum = 0
      for (let taken = 0; taken < count; taken++) {
        let place = ring.next()
        for (let looks = 0; place < 0; looks++) {
          if (looks >= LOOKS) ring.wait()
          place = ring.next()
        }
        sum = (sum + sumOf(doubles, place >> 3, ring.length >> 3)) >>> 0
        ring.release()
      }
      return sum
    }
  },
}

const SLOTS = 512
const [TAIL, HEAD] = [0, 32]
const FIRST_DOUBLE = 32

/**
 * By hand: slots of one size, so no length, no tag, no check and no wrapping record; nobody can sleep. Counters on
 * lines of their own, published once a batch and loaded only where the ring seems full or empty, as in ours.
 */
const bare: Way = {
  create: () => new SharedArrayBuffer(8 * (FIRST_DOUBLE + SLOTS * DOUBLES)),
  producer: (memory) => {
    const counters = new Int32Array(memory)
    const doubles = new Float64Array(memory)
    let tail = Atomics.load(counters, TAIL)
    let head = Atomics.load(counters, HEAD)
    return (from, count) => {
      for (let id = from; id < from + count; id++) {
        while (tail - head === SLOTS) head = Atomics.load(counters, HEAD)
        write(doubles, FIRST_DOUBLE + (tail & (SLOTS - 1)) * DOUBLES, id)
        tail++
        if (id % BATCH === BATCH - 1) Atomics.store(counters, TAIL, tail)
      }
      Atomics.store(counters, TAIL, tail)
    }
  },
  consumer: (memory) => {
    const counters = new Int32Array(memory)
    const doubles = new Float64Array(memory)
    let head = Atomics.load(counters, HEAD)
    let tail = head
    return (count) => {
      let sum = 0
      for (let taken = 0; taken < count; taken++) {
        while (head === tail) tail = Atomics.load(counters, TAIL)
        sum = (sum + sumOf(doubles, FIRST_DOUBLE + (head & (SLOTS - 1)) * DOUBLES, DOUBLES)) >>> 0
        head++
        if (head % BATCH === 0) Atomics.store(counters, HEAD, head)
      }
      Atomics.store(counters, HEAD, head)
      return sum
    }
  },
}

export const ways = { shared, bare } as const
export type WayName = keyof typeof ways
