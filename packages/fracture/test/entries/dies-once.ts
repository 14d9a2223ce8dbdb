import { workerData } from 'node:worker_threads'
import { defineTask, serve } from '@millrace/pool'
import { fractureTasks } from '../../src/index.ts'

/** Of all workers the one that begins first dies of it. */
const begun = new Int32Array(workerData as SharedArrayBuffer)

serve({
  fracture: defineTask({
    ...fractureTasks.fracture,
    run(input, context) {
      if (Atomics.add(begun, 0, 1) === 0) process.exit(1)
      return fractureTasks.fracture.run(input, context)
    },
  }),
})
