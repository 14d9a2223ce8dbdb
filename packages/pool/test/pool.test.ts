import { describe, expect, it } from 'vitest'
import type { Pool } from '../src/index.ts'
import { modes, openPool } from './open-pool.ts'
import type { tasks } from './pool-tasks.ts'
import { messageOf } from './property.ts'

describe.each(modes)('on %s', (mode) => {
  it('runs tasks, whatever codecs they have', async () => {
    await using pool = openPool(mode)
    const points = Float64Array.of(1.5, -0, Number.NaN)
    expect(await pool.run('echo', points)).toStrictEqual(points)
    expect(await pool.run('echo', points)).not.toBe(points)
    expect(await pool.run('double', 21)).toBe(42)
    expect(await pool.run('describe', 3)).toEqual({ value: 3, text: '3' })
    expect(await pool.run('lengthOf', { text: 'four' })).toBe(4)
    expect(await pool.run('plain', { name: 'a' })).toEqual({ name: 'a', seen: true })
    expect(await pool.run('nothing')).toBeUndefined()
    expect(await pool.run('async', 1)).toBe(1)
    expect(pool.stats).toMatchObject({ settled: 8, failed: 0, queued: 0, running: 0 })
  })

  it('takes values that are larger than a slot and a ring', async () => {
    await using pool = openPool(mode, { slots: 2, slotBytes: 64, ringBytes: 256 })
    const sizes = [0, 1, 7, 8, 40, 1000, 3]
    const results = await Promise.all(sizes.map((size) => pool.run('echo', new Float64Array(size).fill(size))))
    expect(results).toStrictEqual(sizes.map((size) => new Float64Array(size).fill(size)))
  })

  it('gives back what a task throws', async () => {
    await using pool = openPool(mode)
    const error: unknown = await pool.run('fails', 'luck').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'RangeError', message: 'no luck' })
    expect(error).toHaveProperty('stack', expect.stringContaining('pool-tasks.ts'))
    expect(await pool.run('double', 1)).toBe(2)
  })

  it('refuses what cannot travel, and its neighbours arrive', async () => {
    await using pool = openPool(mode)
    const name = () => 'function'
    const runs = [
      pool.run('plain', { name: 'before' }),
      pool.run('plain', { name } as never),
      pool.run('plain', { name: 'after' }),
      pool.run('double', 'two' as never),
      pool.run('echo', [1] as never),
      pool.run('double', 2),
      pool.run('unclonable'),
      pool.run('missing' as 'double', 1),
    ]
    const outcomes = await Promise.allSettled(runs)
    expect(outcomes.map(({ status }) => status[0]).join('')).toBe('frfrrfrr')
    expect(outcomes[3]).toMatchObject({ reason: { code: 'CODEC_MISMATCH' } })
    expect(outcomes[7]).toMatchObject({ reason: { code: 'TASK_UNKNOWN' } })
    expect(pool.stats.running).toBe(0)
  })

  it('gives the same results in a flood, each to its caller', async () => {
    await using pool = openPool(mode, { slots: 16 })
    const values = Array.from({ length: 3000 }, (_, index) => index)
    const results = await Promise.all(values.map((value) => pool.run('double', value)))
    expect(results).toEqual(values.map((value) => 2 * value))
    expect(pool.stats.workers.reduce((sum, { answered }) => sum + answered, 0)).toBe(3000)
  })

  it('maps in order, out of order, and stops when nobody listens', async () => {
    await using pool = openPool(mode)
    const values = Array.from({ length: 2000 }, (_, index) => index)
    expect(await Array.fromAsync(pool.map('double', values))).toEqual(values.map((value) => 2 * value))
    const loose = await Array.fromAsync(pool.map('double', values, { ordered: false, maxItems: 10 }))
    expect(loose.sort((one, other) => one - other)).toEqual(values.map((value) => 2 * value))

    let taken = 0
    let isOver = false
    function* endless() {
      try {
        for (;;) yield taken++
      } finally {
        isOver = true
      }
    }
    for await (const result of pool.map('double', endless(), { maxItems: 32 })) if (result === 200) break
    expect(taken).toBeLessThan(200)
    expect(isOver).toBe(true)
    await expect(Array.fromAsync(pool.map('fails', ['x']))).rejects.toThrow('no x')
    await pool.drain()
  })

  it('streams with a bound, in chunks', async () => {
    await using pool = openPool(mode)
    const stream = pool.stream('double', { maxItems: 100 })
    let pushed = 0
    while (stream.push(pushed)) pushed++
    expect(pushed).toBe(100)
    const sum = { results: 0, chunks: 0, total: 0 }
    for await (const chunk of stream.results) {
      sum.chunks++
      for (const result of chunk) {
        sum.results++
        sum.total += result
      }
      if (pushed < 1000) while (stream.push(pushed)) pushed++
      else stream.close()
    }
    expect(sum.results).toBe(pushed)
    expect(sum.total).toBe(pushed * (pushed - 1))
    expect(sum.chunks).toBeLessThan(pushed / 2)
  })

  it('streams past tasks that fail', async () => {
    await using pool = openPool(mode)
    const failed: number[] = []
    const stream = pool.stream('plain', { ordered: true, onError: (_, index) => failed.push(index) })
    for (let index = 0; index < 10; index++)
      stream.push((index % 3 === 0 ? { name: () => 0 } : { name: `${index}` }) as never)
    stream.close()
    const names = (await Array.fromAsync(stream.results)).flat().map(({ name }) => name)
    expect(names).toEqual(['1', '2', '4', '5', '7', '8'])
    expect(failed.sort()).toEqual([0, 3, 6, 9])
  })

  it('cancels what waits and what runs', async () => {
    await using pool = openPool(mode, { threads: 1, slots: 2 })
    const flags = new Int32Array(new SharedArrayBuffer(8))
    const running = new AbortController()
    const waiting = new AbortController()
    const first = pool.run('untilCancelled', flags, { signal: running.signal })
    await until(flags, 0, 1)
    const others = [1, 2, 3].map((value) => pool.run('double', value, { signal: waiting.signal }))
    waiting.abort('not wanted')
    running.abort(new TypeError('enough'))
    await expect(first).rejects.toThrow('enough')
    for (const other of others) await expect(other).rejects.toBe('not wanted')
    await until(flags, 1, 1)
    expect(await pool.run('double', 4)).toBe(8)
    expect(pool.stats).toMatchObject({ cancelled: 4, settled: 1 })
    await expect(pool.run('double', 1, { signal: AbortSignal.abort('before') })).rejects.toBe('before')
  })

  it('tells of progress', async () => {
    await using pool = openPool(mode)
    const told: number[] = []
    expect(await pool.run('progress', 4, { onProgress: (fraction) => told.push(fraction) })).toBe(4)
    expect(told.length).toBeGreaterThan(1)
    expect(told).toEqual([...told].sort((one, other) => one - other))
  })

  it('takes nothing after close, and finishes what it took', async () => {
    const pool = openPool(mode)
    const taken = Array.from({ length: 50 }, (_, index) => pool.run('double', index))
    const closed = pool.close()
    expect(await messageOf('POOL_CLOSED', () => pool.run('double', 1))).toContain('closed')
    expect(await messageOf('POOL_CLOSED', () => pool.stream('double'))).toContain('closed')
    expect(await Promise.all(taken)).toHaveLength(50)
    await closed
    await pool.close()
  })
})

it.each(['shared memory', 'messages'] as const)('gives buffers away, with %s', async (mode) => {
  await using pool = openPool(mode)
  const buffer = new ArrayBuffer(100)
  expect(await pool.run('sizeOf', buffer, { transfer: [buffer] })).toBe(100)
  expect(buffer.detached).toBe(true)
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

/** Settles when another thread, or this one in a later turn, has made it so. */
async function until(flags: Int32Array, index: number, value: number): Promise<void> {
  while (Atomics.load(flags, index) !== value) await new Promise((resolve) => setImmediate(resolve))
}
