import { Worker } from 'node:worker_threads'
import type { Carrier } from '../carrier.ts'
import { DOUBLES, IN_FLIGHT, polygonOf } from '../polygon.ts'

/** Polygons in a packed message. */
const PACKED = 64

/** A packed message, there and back. */
export interface Pack {
  readonly pack: Float64Array<ArrayBuffer>
}

/** A thread that is sent messages, with no pool around it. */
export interface MessageThread extends AsyncDisposable {
  /** A message a task. */
  readonly single: Carrier
  /** Many tasks in one buffer, which is handed over and back. */
  readonly packed: Carrier
  /** Sends one and resolves with what comes back. */
  echo(polygon: Float64Array): Promise<unknown>
}

export function openMessageThread(): MessageThread {
  const worker = new Worker(new URL('./messages-worker.ts', import.meta.url))
  return {
    single: { name: 'raw postMessage', flood: (count, receipts) => flood(worker, count, receipts.take.bind(receipts)) },
    packed: {
      name: 'raw postMessage, 64 packed',
      flood: (count, receipts) => floodPacked(worker, count, receipts.take.bind(receipts)),
    },
    echo: (polygon) =>
      new Promise((resolve) => {
        worker.once('message', resolve)
        worker.postMessage(polygon)
      }),
    [Symbol.asyncDispose]: async () => {
      await worker.terminate()
    },
  }
}

type Take = (result: unknown, id: number) => void

function flood(worker: Worker, count: number, take: Take): Promise<void> {
  let sent = 0
  let taken = 0
  const send = () => worker.postMessage(polygonOf(sent++))
  return listen<Float64Array>(
    worker,
    (result, done) => {
      take(result, taken++)
      if (sent < count) send()
      else if (taken === count) done()
    },
    () => {
      while (sent < Math.min(count, IN_FLIGHT)) send()
    },
  )
}

function floodPacked(worker: Worker, count: number, take: Take): Promise<void> {
  let sent = 0
  let taken = 0
  const send = () => {
    const pack = new Float64Array(DOUBLES * Math.min(PACKED, count - sent))
    for (let at = 0; at < pack.length; at += DOUBLES) pack.set(polygonOf(sent++), at)
    worker.postMessage({ pack }, [pack.buffer])
  }
  return listen<Pack>(
    worker,
    ({ pack }, done) => {
      for (let at = 0; at < pack.length; at += DOUBLES) take(new Float64Array(pack.buffer, 8 * at, DOUBLES), taken++)
      if (sent < count) send()
      else if (taken === count) done()
    },
    () => {
      while (sent < Math.min(count, IN_FLIGHT)) send()
    },
  )
}

/** Starts, then hears messages until it is done. */
function listen<M>(worker: Worker, hear: (message: M, done: () => void) => void, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      worker.off('message', listener)
      settle()
    }
    const listener = (message: M) => {
      try {
        hear(message, () => end(resolve))
      } catch (error) {
        end(() => reject(error))
      }
    }
    worker.on('message', listener)
    start()
  })
}
