import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createPool, type PoolOptions } from '../src/index.ts'
import { entry, openPool } from './open-pool.ts'
import type { tasks } from './pool-tasks.ts'
import { messageOf } from './property.ts'

describe.each(['shared memory', 'messages'] as const)('with %s', (mode) => {
  it.each(['exit', 'exitPlain'] as const)(
    'rejects the task in which a worker ends (%s), and runs the others',
    async (name) => {
      await using pool = openPool(mode)
      const before = Array.from({ length: 100 }, (_, index) => pool.run('double', index))
      const culprit = pool.run(name, 3)
      const after = Array.from({ length: 100 }, (_, index) => pool.run('double', index))
      expect(await messageOf('WORKER_DIED', () => culprit)).toContain('exit code 3')
      expect(await Promise.allSettled([...before, ...after])).toSatisfy((outcomes: PromiseSettledResult<number>[]) =>
        outcomes.every(({ status }) => status === 'fulfilled'),
      )
    },
  )

  it('runs a retryable task again, until it is taken for the cause', async () => {
    await using pool = openPool(mode, { maxDeaths: 3 })
    const flags = () => new Int32Array(new SharedArrayBuffer(4))
    expect(await pool.run('exitUntil', { flags: flags(), times: 2 })).toBe('survived')
    const error: unknown = await pool.run('exitUntil', { flags: flags(), times: 9 }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'WORKER_DIED', detail: { deaths: 3, started: true, task: 'exitUntil' } })
  })

  it('keeps the worker of a task that ends when it is asked', async () => {
    await using pool = openPool(mode, { threads: 1, graceMs: 5000 })
    const name = mode === 'messages' ? 'untilCancelled' : 'busyUntilCancelled'
    const input = mode === 'messages' ? new Int32Array(new SharedArrayBuffer(8)) : 1
    const task = pool.run(name as 'busyUntilCancelled', input as number, { deadlineMs: 50 })
    await messageOf('DEADLINE_EXCEEDED', () => task)
    expect(await pool.run('double', 4)).toBe(8)
  })

  it('does not wait for ever for a worker that closed its port', async () => {
    await using pool = openPool(mode, { threads: 1, graceMs: 20 })
    const run = pool.run('closesPort', undefined, { deadlineMs: 300 })
    expect(['DEADLINE_EXCEEDED', 'WORKER_DIED']).toContain(await outcomeOf(run))
    expect(await pool.run('double', 4)).toBe(8)
  })

  it('closes in bounded time, whatever runs', async () => {
    const pool = openPool(mode, { threads: 1 })
    await pool.run('double', 1)
    const stuck = pool.run('forEver', 1)
    const rejected = messageOf('POOL_CLOSED', () => stuck)
    await pool.close({ withinMs: 20 })
    await rejected
  })

  it.each([
    { name: 'throws.ts', told: 'a broken entry' },
    { name: 'silent.ts', told: 'did not call serve() within 400 ms' },
    { name: 'ends.ts', told: 'exit code 0' },
    { name: 'invalid.ts', told: 'echo' },
    { name: 'missing.ts', told: 'missing.ts' },
  ])('says what is wrong with an entry: $name', async ({ name, told }) => {
    const sharedMemory = mode === 'shared memory'
    const pool = createPool<typeof tasks>({
      worker: entry(`./entries/${name}`),
      threads: 2,
      startMs: 400,
      sharedMemory,
    })
    expect(await messageOf('WORKER_START_FAILED', () => pool.run('double', 1))).toContain(told)
    await messageOf('WORKER_START_FAILED', () => pool.run('double', 1))
    await pool.close()
  })
})

it('says what is wrong with what makes workers', async () => {
  const worker = () => {
    throw new TypeError('no workers today')
  }
  await using pool = createPool<typeof tasks>({ worker, threads: 1 })
  expect(await messageOf('WORKER_START_FAILED', () => pool.run('double', 1))).toContain('no workers today')
})

it.each<[PoolOptions, string]>([
  [{ threads: -1 }, '-1'],
  [{ threads: 10_000 }, '10000'],
  [{ threads: 1.5 }, '1.5'],
  [{ threads: 0 }, 'tasks'],
  [{ threads: 1 }, 'worker'],
  [{ threads: 0, tasks: {}, whenFull: 'explode' as never }, 'explode'],
  [{ threads: 0, tasks: {}, maxQueued: 0 }, 'maxQueued'],
  [{ threads: 1, worker: entry('./pool-worker.ts'), slots: 3 }, 'slots'],
])('refuses options %j', async (options, named) => {
  expect(await messageOf('OPTION_INVALID', () => createPool(options))).toContain(named)
})

it('lets the process end when nothing is due, and not before', async () => {
  const script = fileURLToPath(new URL('./entries/idle-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=millrace-source', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  child.stdout.on('data', (data) => {
    told += data
  })
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
  expect(told).toBe('42 1\n')
})

async function outcomeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run
    return 'done'
  } catch (error) {
    return (error as { readonly code: string }).code
  }
}
