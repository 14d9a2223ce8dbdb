import { parentPort } from 'node:worker_threads'
import { burn } from '../work.ts'
import type { Batch } from './batch-threads.ts'

parentPort!.on('message', ({ count, rounds }: Batch) => {
  let sum = 0
  for (let done = 0; done < count; done++) sum += burn(rounds)
  parentPort!.postMessage(sum)
})
