import { expect } from 'vitest'
import type { OddPool } from './open-odd-pool.ts'

/** Makes an odd call between others, all under way at once: those have their results, and so have later ones. */
export async function beside<R>(pool: OddPool, call: () => Promise<R>): Promise<R> {
  const points = Float64Array.of(1, 2)
  const neighbours = () => [pool.run('double', 3), pool.run('echo', points), pool.run('plain', 'text')] as const
  const before = neighbours()
  const odd = call()
  const outcome = Promise.allSettled([odd])
  const after = neighbours()
  for (const calls of [before, after, [] as const]) {
    expect(await Promise.all(calls.length > 0 ? calls : neighbours())).toStrictEqual([6, points, 'text'])
  }
  await outcome
  expect(await Promise.all(neighbours())).toStrictEqual([6, points, 'text'])
  return odd
}
