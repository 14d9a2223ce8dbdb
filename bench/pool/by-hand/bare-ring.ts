import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { createSharedRing, SharedRingConsumer, SharedRingProducer } from '@millrace/kernel'
import type { Carrier } from '../carrier.ts'
import { DOUBLES, IN_FLIGHT, polygonOf, type Receipts } from '../polygon.ts'

export const BYTES = 8 * DOUBLES
/** Records between two publishings. */
export const BATCH = 16
/** Looks at a full or empty ring before going to sleep: longer than the other side takes for a batch, if it has a core. */
export const LOOKS = 1000

const CAPACITY_BYTES = 2 ** 18
/** Results in one piece of private memory. */
const PIECE = 128

/** The two rings of a pair. */
export interface RingPair {
  readonly inputs: SharedArrayBuffer
  readonly results: SharedArrayBuffer
}

/** A thread behind a pair of rings: no promise, no error, no priority, no cancelling, and the caller's thread waits. */
export interface RingThread extends AsyncDisposable {
  /** Each result a Float64Array in private memory. */
  readonly decoded: Carrier
  /** Each result looked at where it lies, then gone: `receipts` must not keep it. */
  readonly inPlace: Carrier
}

export async function openRingThread(): Promise<RingThread> {
  const capacityBytes = CAPACITY_BYTES
  const pair: RingPair = { inputs: createSharedRing({ capacityBytes }), results: createSharedRing({ capacityBytes }) }
  const worker = new Worker(new URL('./bare-ring-worker.ts', import.meta.url), { workerData: pair })
  await once(worker, 'online')
  const inputs = new SharedRingProducer(pair.inputs)
  const results = new SharedRingConsumer(pair.results)
  const carrier = (name: string, resultAt: (place: number) => Float64Array): Carrier => ({
    name,
    flood: async (count, receipts) => {
      worker.postMessage(count)
      delegate(inputs, results, resultAt, count, receipts)
    },
  })
  return {
    decoded: carrier('bare ring', copier(pair.results)),
    inPlace: carrier('bare ring, read in place', (place) => new Float64Array(pair.results, place, DOUBLES)),
    [Symbol.asyncDispose]: async () => {
      await worker.terminate()
    },
  }
}

function delegate(
  inputs: SharedRingProducer,
  results: SharedRingConsumer,
  resultAt: (place: number) => Float64Array,
  count: number,
  receipts: Receipts,
): void {
  const doubles = new Float64Array(inputs.buffer)
  let sent = 0
  let taken = 0
  while (taken < count) {
    while (sent < count && sent - taken < IN_FLIGHT) {
      const place = inputs.reserve(BYTES)
      if (place < 0) break
      doubles.set(polygonOf(sent), place >> 3)
      inputs.commit(BYTES)
      if (++sent % BATCH === 0) inputs.publish()
    }
    inputs.publish()
    let place = results.next()
    for (let looks = 0; place < 0; looks++) {
      if (looks >= LOOKS) results.wait()
      place = results.next()
    }
    for (; place >= 0; place = results.next()) {
      receipts.take(resultAt(place), taken++)
      results.release()
    }
  }
}

/** Copies results to private memory, many to a piece: a view costs a thirtieth of an array with memory of its own. */
function copier(memory: SharedArrayBuffer): (place: number) => Float64Array {
  let piece = new Float64Array(0)
  let at = 0
  return (place) => {
    if (at === piece.length) {
      piece = new Float64Array(PIECE * DOUBLES)
      at = 0
    }
    piece.set(new Float64Array(memory, place, DOUBLES), at)
    const result = new Float64Array(piece.buffer, 8 * at, DOUBLES)
    at += DOUBLES
    return result
  }
}
