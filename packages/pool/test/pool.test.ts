import { describe, expect, it } from 'vitest'
import type { Pool } from '../src/index.ts'
import { modes, openPool } from './open-pool.ts'
import type { tasks } from './pool-tasks.ts'

/* What holds on every host is in `conformance/`. */

describe.each(modes)('on %s', (mode) => {
  it('takes values that are larger than a slot', async () => {
    await using pool = openPool(mode, { slots: 2, slotBytes: 64 })
    const sizes = [0, 1, 7, 8, 40, 1000, 3]
    const results = await Promise.all(sizes.map((size) => pool.run('echo', new Float64Array(size).fill(size))))
    expect(results).toStrictEqual(sizes.map((size) => new Float64Array(size).fill(size)))
  })

  it('begins calls in their order, with one worker, though some take long', async () => {
    await using pool = openPool(mode, mode === 'caller' ? {} : { threads: 1 })
    // It learns that they are short: many travel together.
    const learning = await Promise.all(Array.from({ length: 2000 }, () => pool.run('turnOf', 0)))
    const turns = await Promise.all([30, ...Array.from({ length: 400 }, () => 0)].map((ms) => pool.run('turnOf', ms)))
    expect(turns).toEqual(turns.map((_, index) => learning[0]! + learning.length + index))
  })

  it('says where a task threw', async () => {
    await using pool = openPool(mode)
    const error: unknown = await pool.run('fails', 'luck').catch((thrown: unknown) => thrown)
    expect(error).toHaveProperty('stack', expect.stringContaining('pool-tasks.ts'))
  })
})

it.each([
  { whenFull: 'reject', outcomes: ['0', '1', 'POOL_FULL', 'POOL_FULL'] },
  { whenFull: 'wait', outcomes: ['0', '1', '2', '3'] },
  { whenFull: 'drop-oldest', outcomes: ['TASK_DROPPED', 'TASK_DROPPED', '2', '3'] },
  { whenFull: 'drop-lowest', outcomes: ['0', 'TASK_DROPPED', 'TASK_DROPPED', '3'] },
] as const)('has a bounded queue: $whenFull', async ({ whenFull, outcomes }) => {
  await using pool = openPool('caller', { maxQueued: 2, whenFull })
  const priorities = [0, 1, 2, 0]
  const runs = priorities.map((priority, index) => outcomeOf(pool, index, priority))
  expect(await Promise.all(runs)).toEqual(outcomes)
})

async function outcomeOf(pool: Pool<typeof tasks>, index: number, priority: number): Promise<string> {
  try {
    return `${(await pool.run('double', index, { priority })) / 2}`
  } catch (error) {
    return (error as { readonly code: string }).code
  }
}
