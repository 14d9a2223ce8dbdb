import type { Executor } from '@millrace/kernel'
import { expect, it } from 'vitest'
import { modes, openPool } from './open-pool.ts'

/** A system that has work to give away, and does not know to whom. */
interface Work {
  readonly echo: (points: Float64Array) => Float64Array
  readonly double: (value: number) => number
}

async function useAll(executor: Executor<Work>): Promise<number> {
  const doubled = await Promise.all([1, 2, 3].map((value) => executor.run('double', value, { priority: 0 })))
  const [first = 0] = await executor.run('echo', Float64Array.from(doubled))
  await executor.drain()
  return first * executor.width
}

it.each(modes)('a pool is an executor: %s', async (mode) => {
  await using pool = openPool(mode)
  expect(await useAll(pool.executor)).toBe(2 * pool.width)
})
