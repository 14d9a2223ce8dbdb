import { workerData } from 'node:worker_threads'
import { serve } from '@millrace/pool'
import { fractureTasks } from '../../src/index.ts'

const { way, begun } = workerData as { readonly way: string; readonly begun: SharedArrayBuffer }

const begin = () => Atomics.store(new Int32Array(begun), 0, 1)

/** Ways for a worker to be of no use. */
const ways: Readonly<Record<string, () => void>> = {
  'throws at load': () => {
    throw new Error('no such module')
  },
  'ends at load': () => process.exit(3),
  'serves other tasks': () => serve({ paint: () => 'red' }),
  'answers with a number': () => serve({ fracture: () => 5 }),
  'throws nothing': () =>
    serve({
      fracture: () => {
        throw undefined
      },
    }),
  'dies of each task': () => serve({ fracture: () => process.exit(1) }),
  'never comes to an end': () =>
    serve({
      fracture: {
        ...fractureTasks.fracture,
        run() {
          begin()
          for (;;);
        },
      },
    }),
  'never answers': () =>
    serve({
      fracture: () => {
        begin()
        return new Promise(() => {})
      },
    }),
  // The port keeps it alive.
  'never serves': () => {
    begin()
    setInterval(() => {}, 1000)
  },
}

ways[way]?.()
