import { Worker } from 'node:worker_threads'
import { VirtualClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { createPool, type PoolOptions } from '../src/index.ts'
import { beside } from './entries/beside.ts'
import type { Latch, oddTasks } from './entries/odd-tasks.ts'
import { type OddPool, openOddPool } from './entries/open-odd-pool.ts'
import { entry } from './open-pool.ts'

/** Generous: nobody waits for a worker for so long. */
const timeout = 240_000

describe('a worker that is of no use', { timeout, concurrent: true }, () => {
  const entryAdvice = 'see that the entry given as "worker" loads, and calls serve(tasks) at its top level'

  it.each([
    { name: 'missing', told: /Cannot find module .*missing\.ts/, advice: entryAdvice },
    { name: 'throws', told: /Error: a broken entry/, advice: entryAdvice },
    { name: 'silent', told: /it did not call serve\(\) within 300 ms/, advice: entryAdvice },
    { name: 'ends', told: /it ended \(exit code 0\) before it called serve\(\)/, advice: entryAdvice },
    {
      name: 'invalid',
      told: /serve: the task "echo" must be/,
      advice: 'a function or { run, input, output, retryable }',
    },
  ])('is told of, and its pool does not wait for ever: $name', async ({ name, told, advice }) => {
    await using pool = openPoolOf(entry(`./entries/${name}.ts`), { startMs: name === 'silent' ? 300 : 60_000 })
    const [first, second] = [pool.run('double', 1), pool.stream('double')]
    second.push(2)
    const message = await messageOf('WORKER_START_FAILED', () => first)
    expect(message).toMatch(told)
    expect(message).toContain(advice)
    expect(message).toMatch(/^no worker could be started: /)
    expect(message).not.toContain('MillraceError')
    await messageOf('WORKER_START_FAILED', () => Array.fromAsync(second.results))
    await messageOf('WORKER_START_FAILED', () => pool.run('double', 3))
  })

  it.each([
    { returned: undefined, told: 'returned no Worker' },
    { returned: 5, told: 'returned no Worker' },
    { returned: {}, told: 'returned no Worker' },
    { returned: Promise.resolve(), told: 'returned no Worker' },
  ])('may be none at all: $returned', async ({ returned, told }) => {
    await using pool = openPoolOf(() => returned as never)
    const message = await messageOf('WORKER_START_FAILED', () => pool.run('double', 1))
    expect(message).toBe(
      `no worker could be started: createPool: worker() ${told}, neither of node:worker_threads nor of a browser; ` +
        "return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })",
    )
  })

  it.each([
    { thrown: new TypeError('no workers today'), told: 'worker() threw TypeError: no workers today; see' },
    { thrown: undefined, told: 'worker() threw Error: undefined; see' },
    { thrown: Object.create(null), told: 'worker() threw Error: what was thrown, object, cannot be told; see' },
  ])('may not be made at all: $told', async ({ thrown, told }) => {
    await using pool = openPoolOf(() => {
      throw thrown
    })
    expect(await messageOf('WORKER_START_FAILED', () => pool.run('double', 1))).toContain(told)
  })

  it.each([true, false])('may fail after it said that it serves (shared memory: %s)', async (sharedMemory) => {
    await using pool = openPoolOf(entry('./channel/entries/serves-twice.ts'), { sharedMemory })
    const message = await messageOf('WORKER_START_FAILED', () => pool.run('echo', Float64Array.of(1)))
    expect(message).toContain('serve: this worker serves already; name all its tasks in one call')
  })

  it('leaves its work to those that serve', async () => {
    const names = ['odd-worker', 'throws']
    await using pool = openPoolOf(() => entry(`./entries/${names.shift() ?? 'missing'}.ts`)(), { threads: 3 })
    const values = Array.from({ length: 100 }, (_, index) => index)
    expect(await Promise.all(values.map((value) => pool.run('double', value)))).toEqual(
      values.map((value) => 2 * value),
    )
    expect(pool.stats.workers.map(({ answered }) => answered)).toEqual([100, 0, 0])
  })

  it('may not come back as another: a worker that ended, and one that serves other tasks', async () => {
    const one = entry('./entries/odd-worker.ts')()
    await using again = openPoolOf(() => one)
    const names = ['odd-worker']
    await using other = openPoolOf(() => entry(`./entries/${names.shift() ?? 'serves-others'}.ts`)())
    for (const { pool, told } of [
      { pool: again, told: 'returned a Worker that it had returned before; return a new one each time' },
      {
        pool: other,
        told: 'serves other tasks than the first one did; make every worker of a pool from the same entry',
      },
    ]) {
      expect(await pool.run('double', 1)).toBe(2)
      await messageOf('WORKER_DIED', () => pool.run('exits', 1))
      expect(await messageOf('WORKER_START_FAILED', () => pool.run('double', 1))).toContain(told)
    }
  })

  it('has one place in a pool, though it be given two', async () => {
    const one = entry('./entries/odd-worker.ts')()
    await using pool = openPoolOf(() => one, { threads: 2 })
    expect(await Promise.all([1, 2, 3].map((value) => pool.run('double', value)))).toEqual([2, 4, 6])
    expect(pool.stats.workers.map(({ answered }) => answered)).toEqual([3, 0])
  })
})

describe.each(['shared memory', 'messages'] as const)('with %s', { timeout }, (mode) => {
  it('a task that never ends costs its worker, and no other task', async () => {
    await using pool = openOddPool(mode)
    await pool.run('double', 1)
    const message = await messageOf('DEADLINE_EXCEEDED', () =>
      beside(pool, () => pool.run('forEver', 1, { deadlineMs: 200 })),
    )
    expect(message).toBe(
      'the task "forEver" was not done within 200 ms (it was handed); ' +
        'give it more time, or have it look at context.cancelled',
    )
  })

  it('a pool that is closed in time ends all that waits, for room too', async () => {
    const pool = openOddPool(mode, { threads: 1, maxQueued: 1, whenFull: 'wait', slots: 1 })
    await pool.run('double', 1)
    const calls = Array.from({ length: 8 }, () => messageOf('POOL_CLOSED', () => pool.run('forEver', 1)))
    await pool.close({ withinMs: 20 })
    await Promise.all(calls)
  })

  it('a task that ends its worker is told how', async () => {
    const resourceLimits = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 }
    const worker = () => new Worker(new URL('./entries/odd-worker.ts', import.meta.url), { resourceLimits })
    await using pool = openOddPool(mode, { worker })
    for (const { name, told, reason } of [
      { name: 'closesPort', told: 'exit code 0', reason: 'exit' },
      { name: 'allocates', told: 'memory', reason: 'error' },
    ] as const) {
      const culprit = pool.run(name)
      const message = await messageOf('WORKER_DIED', () => beside(pool, () => culprit))
      expect(message).toContain(told)
      expect(message).toContain(`while it ran the task "${name}"; declare the task retryable if it may run again`)
      await expect(culprit).rejects.toMatchObject({ detail: { reason, started: true, task: name } })
    }
  })
})

describe('a worker that is replaced', { timeout }, () => {
  it('may have begun after the deadline of its task: it had not heard', async () => {
    const clock = new VirtualClock()
    await using pool = openOddPool('messages', { threads: 1, clock, startMs: 1e9 })
    const [before, late] = [closedLatch(), closedLatch()]
    await pool.run('double', 1)
    const first = pool.run('blocks', before)
    const stuck = messageOf('DEADLINE_EXCEEDED', () => pool.run('blocks', late, { deadlineMs: 10 }))
    await undefined
    await undefined
    expect(Atomics.wait(before.begun, 0, 0, 60_000)).not.toBe('timed-out')
    // The deadline and the time of grace pass while this thread and the worker are both busy.
    clock.advance(10)
    clock.advance(100)
    Atomics.store(before.open, 0, 1)
    Atomics.notify(before.open, 0)
    await stuck
    expect(await settledBy(clock, first)).toBe(1)
    expect(await settledBy(clock, pool.run('double', 4))).toBe(8)
  })

  it('is heard to the end: what it had done is not lost', async () => {
    const clock = new VirtualClock()
    await using pool = openOddPool('shared memory', { threads: 1, clock, startMs: 1e9 })
    const latch = closedLatch()
    await pool.run('leaves', latch)
    // Its output is on its way in a message while this thread stands still.
    const done = pool.run('gives', 5000)
    const stuck = pool.run('blocksLeft', 1, { deadlineMs: 10 })
    await undefined
    await undefined
    expect(Atomics.wait(latch.begun, 0, 0, 60_000)).not.toBe('timed-out')
    clock.advance(10)
    clock.advance(100)
    await messageOf('DEADLINE_EXCEEDED', () => stuck)
    expect(await settledBy(clock, done)).toHaveLength(5000)
    expect(await settledBy(clock, pool.run('double', 4))).toBe(8)
  })

  it('is heard to the end: what it had begun is not begun again', async () => {
    const clock = new VirtualClock()
    await using pool = openOddPool('messages', { threads: 1, clock, startMs: 1e9 })
    const [late, next] = [closedLatch(), closedLatch()]
    await pool.run('double', 1)
    let isHeard = false
    const onProgress = () => {
      isHeard = true
    }
    const dueAt = clock.now() + 1e6
    const first = pool.run('blocks', late, { deadlineMs: 1e6, onProgress })
    const second = pool.run('blocks', next)
    const refused = messageOf('WORKER_DIED', () => second)
    while (!isHeard) {
      await turns(1)
      clock.advance(1)
    }
    // It comes to its end in the very moment in which it is given up, and the next one is begun.
    clock.advance(dueAt - clock.now())
    Atomics.store(late.open, 0, 1)
    Atomics.notify(late.open, 0)
    expect(Atomics.wait(next.begun, 0, 0, 60_000)).not.toBe('timed-out')
    clock.advance(100)
    await messageOf('DEADLINE_EXCEEDED', () => first)
    Atomics.store(next.open, 0, 1)
    expect(await settledBy(clock, refused)).toContain('while it ran the task "blocks"')
    expect(await settledBy(clock, pool.run('double', 4))).toBe(8)
    expect(Atomics.load(next.begun, 0)).toBe(1)
  })
})

function openPoolOf(worker: PoolOptions['worker'] & {}, options: PoolOptions = {}): OddPool {
  return createPool<typeof oddTasks>({ worker, threads: 1, ...options })
}

function closedLatch(): Latch {
  return { begun: new Int32Array(new SharedArrayBuffer(4)), open: new Int32Array(new SharedArrayBuffer(4)) }
}

/** So many turns of the event loop, after what is due in this one. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn <= count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** What `promise` settles with, while time goes by. */
async function settledBy<R>(clock: VirtualClock, promise: Promise<R>): Promise<R> {
  let isSettled = false
  const settle = () => {
    isSettled = true
  }
  promise.then(settle, settle)
  while (!isSettled) {
    await turns(1)
    clock.advance(10)
  }
  return promise
}
