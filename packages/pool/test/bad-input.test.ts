import { messageOf } from '@millrace/kernel/test/property'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPool, type PoolOptions, type PoolStreamOptions, type RunOptions } from '../src/index.ts'
import { beside } from './entries/beside.ts'
import { type OddPool, openOddPool } from './entries/open-odd-pool.ts'
import { entry, modes } from './open-pool.ts'

/** Generous: what is refused is refused long before. */
const timeout = 240_000

describe.each(modes)('on %s', { timeout }, (mode) => {
  let pool: OddPool
  beforeAll(() => {
    pool = openOddPool(mode, { threads: 1 })
  })
  afterAll(async () => {
    await pool.drain()
    expect(pool.stats).toMatchObject({ queued: 0, waiting: 0, running: 0 })
    await pool.close()
  })

  it('an unknown task is refused by name, in calls, maps and streams', async () => {
    const unknown = 'dubble' as 'double'
    const message = await messageOf('TASK_UNKNOWN', () => beside(pool, () => pool.run(unknown, 1)))
    expect(message).toContain('no task is named "dubble"; the workers serve "double", "echo"')
    await messageOf('TASK_UNKNOWN', () => beside(pool, () => Array.fromAsync(pool.map(unknown, [1, 2]))))
    const { given, failed } = await streamed(pool, unknown, [1, 2, 3])
    expect(given).toEqual([])
    expect(failed).toEqual(['0 TASK_UNKNOWN', '1 TASK_UNKNOWN', '2 TASK_UNKNOWN'])
  })

  it('a value of the wrong type is refused alone, in the middle of a stream too', async () => {
    const message = await messageOf('CODEC_MISMATCH', () => beside(pool, () => pool.run('double', '2' as never)))
    expect(message).toMatch(/expected a number, got a string; give what the codec describes/)
    const { given, failed } = await streamed(pool, 'double', [1, 2, '3' as never, 4, null as never, 6])
    expect(given).toEqual([2, 4, 8, 12])
    expect(failed).toEqual(['2 CODEC_MISMATCH', '4 CODEC_MISMATCH'])
    const results = Array.fromAsync(pool.map('double', [1, 2, '3' as never, 4]))
    await messageOf('CODEC_MISMATCH', () => beside(pool, () => results))
  })

  it('a value that cannot be sent is refused alone, with what stands against it', async () => {
    const trap = {
      get value(): never {
        throw new RangeError('sprung')
      },
    }
    const message = await messageOf('INPUT_NOT_CLONABLE', () => beside(pool, () => pool.run('plain', trap)))
    expect(message).toBe(
      'the input cannot be sent to another thread: sprung; give the task plain data, without functions',
    )
    const { failed } = await streamed(pool, 'plain', [1, trap, () => 2, Symbol('3'), 4])
    expect(failed).toEqual(['1 INPUT_NOT_CLONABLE', '2 INPUT_NOT_CLONABLE', '3 INPUT_NOT_CLONABLE'])
  })

  it('an iterable that throws ends its map with that error, and nothing else', async () => {
    function* three() {
      yield* [1, 2]
      throw new RangeError('no third')
    }
    async function* later() {
      yield* three()
    }
    await expect(beside(pool, () => Array.fromAsync(pool.map('double', three())))).rejects.toThrow('no third')
    await expect(beside(pool, () => Array.fromAsync(pool.map('double', later())))).rejects.toThrow('no third')
    await expect(beside(pool, () => Array.fromAsync(pool.map('double', 3 as never)))).rejects.toThrow(TypeError)
    await pool.drain()
  })

  it('a call of what is no name is refused', async () => {
    for (const name of [5n, undefined, Symbol('double'), {}] as never[]) {
      await messageOf('TASK_UNKNOWN', () => beside(pool, () => pool.run(name)))
    }
  })

  it('a stream whose signal was aborted before ends with its reason', async () => {
    const signal = AbortSignal.abort(new RangeError('not wanted'))
    const stream = () => Array.fromAsync(pool.stream('double', { signal }).results)
    await expect(beside(pool, stream)).rejects.toThrow('not wanted')
    await expect(beside(pool, () => Array.fromAsync(pool.map('double', [1], { signal })))).rejects.toThrow('not wanted')
  })

  it('a listener that throws costs nobody a result, and is told of', async () => {
    const heard: unknown[] = []
    await hearingUncaught(heard, async () => {
      const onError = () => {
        throw new RangeError('in onError')
      }
      const stream = pool.stream('throws', { onError })
      for (let index = 0; index < 6; index++) stream.push(index)
      stream.close()
      expect(await beside(pool, () => Array.fromAsync(stream.results))).toEqual([])
    })
    expect(heard.map(String)).toEqual(Array(6).fill('RangeError: in onError'))
  })

  it.each([
    { name: 'throwsNothing', message: 'undefined' },
    { name: 'throwsProxy', message: 'what was thrown, object, cannot be told' },
    { name: 'throwsTrap', message: 'what was thrown, object, cannot be told' },
    { name: 'givesTrap', message: 'sprung' },
    { name: 'givesSymbol', message: /^the task's output cannot be sent to another thread: .*; return plain data/ },
  ] as const)('a task may end oddly: $name', async ({ name, message }) => {
    await expect(beside(pool, () => pool.run(name))).rejects.toThrow(message)
  })

  it('an output that is not what the codec says comes as it is', async () => {
    expect(await beside(pool, () => pool.run('givesAnother', 5))).toBe('5')
  })

  it('memory that a task was lent, it may spoil after its end: later tasks have their own', async () => {
    const [points, none] = [Float64Array.of(1, 2, 3), new Float64Array(0)]
    for (const name of ['overwrites', 'keeps', 'givesAway'] as const) {
      expect(await pool.run(name, points)).toBeTruthy()
      expect(points).toEqual(Float64Array.of(1, 2, 3))
      const echoed = await Promise.all([points, none, points].map((each) => pool.run('echo', each)))
      expect(echoed).toStrictEqual([points, none, points])
    }
    await pool.run('keeps', points)
    await pool.run('writesLater')
    for (let turn = 0; turn < 20; turn++) expect(await pool.run('echo', points)).toStrictEqual(points)
  })
})

describe.each(modes)('on %s', { timeout }, (mode) => {
  it('a task spoils no memory but its own', async () => {
    await using pool = openOddPool(mode, { threads: 1 })
    const points = Float64Array.of(1, 2, 3)
    await pool.run('echo', points)
    for (const name of ['overwrites', 'givesAway'] as const) {
      const names = [name, 'echo', 'echo', name, 'echo'] as const
      const outputs = await Promise.all(names.map((each) => pool.run(each as 'echo', points)))
      expect(outputs.filter((_, index) => names[index] === 'echo')).toStrictEqual([points, points, points])
    }
  })
})

describe.each(['shared memory', 'messages'] as const)('on threads, with %s', { timeout }, (mode) => {
  let pool: OddPool
  beforeAll(() => {
    pool = openOddPool(mode)
  })
  afterAll(async () => {
    await pool.drain()
    expect(pool.stats).toMatchObject({ queued: 0, waiting: 0, running: 0 })
    await pool.close()
  })

  it('a result is given away alone, or not at all: others share its memory', async () => {
    const points = Float64Array.of(1)
    const echoes = () => Promise.all(Array.from({ length: 100 }, () => pool.run('echo', points)))
    await echoes()
    const [first, ...others] = await echoes()
    expect(() => structuredClone(first, { transfer: [first!.buffer as ArrayBuffer] })).toThrow()
    expect(await pool.run('plain', first)).toStrictEqual(points)
    expect(await pool.run('echo', points)).toStrictEqual(points)
    expect(others).toStrictEqual(others.map(() => points))
  })

  it('what cannot be given away is refused alone', async () => {
    const [gone, twice] = [new ArrayBuffer(8), new ArrayBuffer(8)]
    structuredClone(gone, { transfer: [gone] })
    for (const transfer of [[gone], [5], 5] as never[]) {
      await expect(beside(pool, () => pool.run('plain', 1, { transfer }))).rejects.toThrow()
    }
    const runs = [1, 2].map(() => pool.run('plain', twice, { transfer: [twice] }))
    expect((await Promise.allSettled(runs)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })
})

describe('what a call cannot have', { timeout }, () => {
  it.each<[RunOptions, string]>([
    [{ priority: 3 }, 'priority must be an integer of at least 0 and at most 2, not 3'],
    [{ priority: -1 }, 'not -1'],
    [{ priority: 0.5 }, 'not 0.5'],
    [{ priority: '1' as never }, 'not "1"'],
    [{ deadlineMs: 0 }, 'deadlineMs must be a finite number above 0, not 0'],
    [{ deadlineMs: Number.NaN }, 'not NaN'],
    [{ deadlineMs: '5' as never }, 'not "5"'],
    [{ deadlineMs: Number.POSITIVE_INFINITY }, 'not Infinity'],
  ])('is refused: %j', async (options, named) => {
    await using pool = openOddPool('caller')
    expect(await messageOf('OPTION_INVALID', () => beside(pool, () => pool.run('double', 1, options)))).toContain(named)
    expect(pool.stats).toMatchObject({ queued: 0, waiting: 0, running: 0 })
  })

  it.each<[PoolStreamOptions, string]>([
    [{ priority: 3 }, 'priority'],
    [{ maxItems: 0 }, 'maxItems'],
    [{ maxItems: 1.5, ordered: true }, 'maxItems'],
    [{ maxChunk: 0 }, 'maxChunk'],
    [{ maxChunk: Number.NaN }, 'maxChunk'],
  ])('is refused of a stream: %j', async (options, named) => {
    await using pool = openOddPool('caller')
    expect(await messageOf('OPTION_INVALID', () => pool.stream('double', options))).toContain(named)
    expect(await pool.run('double', 1)).toBe(2)
  })

  it('ends before it begins, when its signal was aborted', async () => {
    await using pool = openOddPool('caller')
    const signal = AbortSignal.abort(new RangeError('not wanted'))
    await expect(beside(pool, () => pool.run('double', 1, { signal, deadlineMs: 1 }))).rejects.toThrow('not wanted')
    expect(pool.stats).toMatchObject({ queued: 0, waiting: 0, running: 0 })
  })

  it('comes too late: a push after close, a call after that of the pool', async () => {
    const pool = openOddPool('caller')
    const [full, empty, left] = [pool.stream('double'), pool.stream('double'), pool.stream('double')]
    full.push(1)
    for (const stream of [full, empty]) {
      stream.close()
      expect(await messageOf('STREAM_CLOSED', () => stream.push(2))).toBe(
        'the stream of "double" is closed; push before close()',
      )
    }
    expect(await Array.fromAsync(full.results)).toEqual([[2]])
    expect(await messageOf('OPTION_INVALID', () => pool.close({ withinMs: -1 }))).toContain('withinMs')
    left.push(1)
    const closed = pool.close()
    for (const call of [
      () => left.push(2),
      () => pool.run('double', 1),
      () => pool.stream('double'),
      () => pool.map('double', [1]),
    ] satisfies (() => unknown)[]) {
      expect(await messageOf('POOL_CLOSED', call)).toContain('end your calls before close()')
    }
    expect(await Array.fromAsync(left.results)).toEqual([[2]])
    await closed
    await pool.drain()
  })
})

describe('a pool is not made', () => {
  const worker = entry('./entries/odd-worker.ts')

  it.each<[PoolOptions, string]>([
    [{ threads: -1, worker }, 'threads must be an integer of at least 0 and at most 1023, not -1'],
    [{ threads: 10_000, worker }, 'not 10000'],
    [{ threads: 1.5, worker }, 'not 1.5'],
    [{ threads: Number.NaN, worker }, 'not NaN'],
    [{ threads: '2' as never, worker }, 'not "2"'],
    [{ threads: 0 }, 'threads: 0 runs tasks on the caller and needs "tasks"'],
    [{ threads: 1 }, 'worker must be a function that makes a worker'],
    [{ threads: 1, worker: new URL('file:///worker.ts') as never }, 'not object; or give threads: 0'],
    [{ threads: 0, tasks: {}, whenFull: 'explode' as never }, 'whenFull must be one of "reject", "wait"'],
    [{ threads: 0, tasks: {}, maxQueued: 0 }, 'maxQueued must be an integer of at least 1'],
    [{ threads: 0, tasks: {}, priorities: 256 }, 'priorities must be'],
    [{ threads: 0, tasks: {}, ageMs: Number.NaN }, 'ageMs must be'],
    [{ threads: 0, tasks: {}, maxDeaths: 0 }, 'maxDeaths must be'],
    [{ threads: 0, tasks: {}, graceMs: -1 }, 'graceMs must be'],
    [{ threads: 0, tasks: {}, parcelMs: 0 }, 'parcelMs must be'],
    [{ threads: 0, tasks: {}, startMs: 0 }, 'startMs must be'],
    [{ threads: 1, worker, slots: 3 }, 'createPool: slots must be a power of two'],
    [{ threads: 1, worker, slots: 3, sharedMemory: false }, 'createPool: slots must be a power of two'],
    [{ threads: 1, worker, slotBytes: 12 }, 'not 12'],
    [{ threads: 1, worker, slots: 0 }, 'slots must be'],
    [{ threads: 1, worker, slots: 131_072 }, 'slots must be'],
    [{ threads: 1, worker, slotBytes: 0 }, 'slotBytes must be'],
    [{ threads: 1, worker, slotBytes: 2 ** 40 }, 'not 1099511627776'],
  ])('of %j', async (options, named) => {
    expect(await messageOf('OPTION_INVALID', () => createPool(options))).toContain(named)
  })

  it('of what is no task', async () => {
    const tasks = { echo: 5 as never }
    const message = await messageOf('TASK_INVALID', () => createPool({ threads: 0, tasks }))
    expect(message).toBe(
      'createPool: the task "echo" must be a function or { run, input, output, retryable }, not a number',
    )
  })
})

/** What comes out of a stream, and of which input which error. */
async function streamed<K extends 'double' | 'plain'>(
  pool: OddPool,
  name: K,
  inputs: readonly never[] | readonly unknown[],
) {
  const failed: string[] = []
  const onError = (error: unknown, index: number) => {
    const { code, message } = error as { readonly code?: string; readonly message: string }
    failed.push(`${index} ${code ?? message}`)
  }
  const stream = pool.stream(name, { ordered: true, onError })
  for (const input of inputs) stream.push(input as never)
  stream.close()
  return { given: (await Array.fromAsync(stream.results)).flat(), failed: failed.sort() }
}

/** Does something while uncaught errors are heard here alone. */
async function hearingUncaught(heard: unknown[], action: () => Promise<void>): Promise<void> {
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => heard.push(error))
  try {
    await action()
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  }
}
