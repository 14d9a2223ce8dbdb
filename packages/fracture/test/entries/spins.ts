import { workerData } from 'node:worker_threads'
import { defineTask, serve } from '@millrace/pool'
import { fractureTasks } from '../../src/index.ts'

/** Set once those that spin may end. */
const mayEnd = new Int32Array(workerData as SharedArrayBuffer)

/** Polygons that begin with a 7 take until they may end, or nobody wants them. */
serve({
  fracture: defineTask({
    ...fractureTasks.fracture,
    run(input, context) {
      while (input.coords[0] === 7 && Atomics.load(mayEnd, 0) === 0 && !context.cancelled) context.progress(0.5)
      return fractureTasks.fracture.run(input, context)
    },
  }),
})
