import { parentPort, workerData } from 'node:worker_threads'
import type { WireChunk } from './chunk-wire.ts'
import { Chunker } from './chunker.ts'
import type { WalkOptions } from './discover-options.ts'
import { walk } from './walk.ts'

/** Chunks that may be on the way to a reader who has not taken them. */
const CHUNKS_UNREAD = 4

/** What the thread is started with. */
export interface WalkThreadData {
  readonly root: string
  readonly options: WalkOptions
  /** One number, shared: how many chunks the reader has taken. */
  readonly taken: Int32Array<SharedArrayBuffer>
}

const { root, options, taken } = workerData as WalkThreadData
let sent = 0

function send(chunk: WireChunk): void {
  for (let seen = Atomics.load(taken, 0); sent - seen >= CHUNKS_UNREAD; seen = Atomics.load(taken, 0)) {
    Atomics.wait(taken, 0, seen)
  }
  parentPort?.postMessage(chunk)
  sent++
}

const chunker = new Chunker(send, () => performance.now())
walk(root, options, chunker)
chunker.flush()
