import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Ring } from '@millrace/kernel'
import { AHEAD, type Bench, WITHIN_4X } from '../harness/bench.ts'
import { compare, type Sample } from '../harness/compare.ts'
import { comparePerItem } from '../harness/per-item.ts'
import { rowAgainst } from '../harness/row.ts'
import { BATCH, DOUBLES, sumOf, type WayName, ways } from './shared-ring-sides.ts'
import type { TakerData } from './shared-ring-thread.ts'

const ITEMS = 16_000
/** ns a record between two threads, with the writing and the reading of its 64 doubles. */
const PROMISED_NS = 150

/**
 * What does a record of 64 doubles cost, written in place and read in place: on one thread, and from one to another?
 */
export default async function sharedRing(bench: Bench): Promise<void> {
  await comparePerItem(bench, {
    id: 'shared-ring/one-thread',
    items: ITEMS,
    ours: passThrough('shared'),
    peers: [
      { name: 'bare shared slots', goal: WITHIN_4X, pass: passThrough('bare') },
      { name: 'Ring of reused Float64Array', pass: ringPass },
    ],
  })
  await betweenThreads(bench)
}

/** A batch is put in, then taken out, by one thread. */
function passThrough(way: WayName): () => number {
  const { create, producer, consumer } = ways[way]
  const memory = create()
  const [produce, consume] = [producer(memory), consumer(memory)]
  return () => {
    let sum = 0
    for (let id = 0; id < ITEMS; id += BATCH) {
      produce(id, BATCH)
      sum = (sum + consume(BATCH)) >>> 0
    }
    return sum
  }
}

const arrays = Array.from({ length: BATCH }, () => new Float64Array(DOUBLES))
const ring = new Ring<Float64Array>()

/** Within one thread nothing needs to be shared: references are passed on. */
function ringPass(): number {
  let sum = 0
  for (let id = 0; id < ITEMS; id += BATCH) {
    for (let index = 0; index < BATCH; index++) {
      const array = arrays[index]!
      for (let each = 0; each < DOUBLES; each++) array[each] = id + index + each
      ring.push(array)
    }
    for (let array = ring.shift(); array !== undefined; array = ring.shift()) {
      sum = (sum + sumOf(array, 0, DOUBLES)) >>> 0
    }
  }
  return sum
}

/** Time on the wall: what two threads spend at the same time counts once. */
async function betweenThreads(bench: Bench): Promise<void> {
  const records = bench.quick ? 100_000 : 400_000
  const memories = { shared: ways.shared.create(), bare: ways.bare.create() }
  const workerData: TakerData = { memories, records }
  const taker = new Worker(new URL('./shared-ring-thread.ts', import.meta.url), { workerData })
  try {
    const timed = async (produce: () => void): Promise<Sample> => {
      const answer = once(taker, 'message')
      const started = performance.now()
      produce()
      const [checksum] = await answer
      return { value: ((performance.now() - started) * 1e6) / records, checksum }
    }
    const through = (way: WayName) => {
      const produce = ways[way].producer(memories[way])
      return () =>
        timed(() => {
          taker.postMessage(way)
          produce(0, records)
        })
    }
    const [ours, bare] = [through('shared'), through('bare')]
    for (const warmUp of [ours, bare, ours, bare]) await warmUp()
    const values = await compare(bench, {
      id: 'shared-ring/two-threads',
      unit: 'ns',
      rounds: bench.quick ? 5 : 15,
      ours,
      peers: [{ name: 'bare shared slots', goal: WITHIN_4X, sample: bare }],
    })
    bench.report([rowAgainst('shared-ring/two-threads', 'ns', values, PROMISED_NS)])
    await compare(bench, {
      id: 'shared-ring/flood',
      unit: 'ns',
      rounds: 3,
      ours,
      peers: [{ name: 'postMessage', goal: AHEAD, sample: () => timed(() => postAll(taker, records)) }],
    })
  } finally {
    await taker.terminate()
  }
}

/** A clone each, and no backpressure: the queue of messages grows as long as it likes. */
function postAll(taker: Worker, records: number): void {
  const array = new Float64Array(DOUBLES)
  for (let id = 0; id < records; id++) {
    for (let each = 0; each < DOUBLES; each++) array[each] = id + each
    taker.postMessage(array)
  }
}
