import { workerData } from 'node:worker_threads'
import { defineTask, serve } from '@millrace/pool'
import { fractureTasks } from '../../src/index.ts'

/** Tasks begun by all workers: of so many one is the end of its worker, before or after it is done. */
const begun = new Int32Array(workerData as SharedArrayBuffer)
const EACH = 23

serve({
  fracture: defineTask({
    ...fractureTasks.fracture,
    async run(input, context) {
      const number = Atomics.add(begun, 0, 1)
      if (number % EACH === EACH - 1) process.exit(1)
      const output = await fractureTasks.fracture.run(input, context)
      if (number % EACH === EACH >> 1) throw new Error('out of sorts')
      return output
    },
  }),
})
