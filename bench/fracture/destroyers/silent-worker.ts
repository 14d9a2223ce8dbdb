import { parentPort } from 'node:worker_threads'
import { cutObject } from '../kernel.ts'
import type { BreakableObject } from '../objects.ts'

/** Cuts what comes in one message, and tells nobody. */
parentPort!.on('message', (objects: readonly BreakableObject[]) => {
  for (const object of objects) cutObject(object)
})
