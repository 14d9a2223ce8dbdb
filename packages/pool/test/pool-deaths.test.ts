import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { openPool } from './open-pool.ts'

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

  it('closes in bounded time, whatever runs', async () => {
    const pool = openPool(mode, { threads: 1 })
    await pool.run('double', 1)
    const stuck = pool.run('forEver', 1)
    const rejected = messageOf('POOL_CLOSED', () => stuck)
    await pool.close({ withinMs: 20 })
    await rejected
  })
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
  // Behind its end comes what it had said.
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  expect(told).toBe('42 1\n')
})
