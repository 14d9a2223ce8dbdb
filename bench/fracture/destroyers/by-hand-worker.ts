import { parentPort } from 'node:worker_threads'
import { cutObject } from '../kernel.ts'
import type { BreakableObject } from '../objects.ts'
import { buffersOf } from '../packed-buffers.ts'

/** Cuts what comes in one message, and sends all of it back in one. */
parentPort!.on('message', (objects: readonly BreakableObject[]) => {
  const results = objects.map(cutObject)
  parentPort!.postMessage(results, buffersOf(results))
})
