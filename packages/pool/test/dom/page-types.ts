import { createPool, defineTask, float64Array, type Pool } from '../../src/index.ts'

const tasks = { echo: defineTask({ input: float64Array, output: float64Array, run: (points) => points }) }

/** What a page writes, by the browser's own types: it is only compiled. */
export function openPool(): Pool<typeof tasks> {
  return createPool<typeof tasks>({
    worker: () => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
  })
}
