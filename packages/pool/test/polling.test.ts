import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { createPool, type Delivery } from '../src/index.ts'
import { tasks } from './conformance/tasks.ts'

function open(delivery: Delivery) {
  const worker = () => new Worker(new URL('./conformance/worker.ts', import.meta.url))
  return createPool<typeof tasks>({ worker, threads: 1, delivery })
}

type Pool = ReturnType<typeof open>

/** The worker has done what it was given in shared memory: of what comes in messages, and is told of as it comes, it does one by turns with that. */
async function workerIsThrough(pool: Pool): Promise<void> {
  for (const turn of [1, 2, 3, 4]) await pool.run('clone', turn)
}

/** Nothing of shared memory is told of before `poll`, and then parcel by parcel, as there is time. */
async function waitsForPoll(delivery: Delivery): Promise<void> {
  await using pool = open(delivery)
  const heard: unknown[] = []
  const sink = { done: (output: unknown) => heard.push(output), failed: (error: unknown) => heard.push(error) }
  await pool.run('clone', 'it is up')
  // Two parcels, as nothing is known of how long they take.
  pool.call('double', 1, sink)
  pool.call('double', 2, sink)
  await workerIsThrough(pool)
  expect(heard).toEqual([])
  expect([pool.poll(0), heard.length]).toEqual([1, 1])
  expect([pool.poll(), pool.poll(), heard]).toEqual([1, 0, [2, 4]])
}

it('takes results in when it is polled, and not before', () => waitsForPoll('manual'))

it('would be caught if it took them in by itself', async () => {
  await expect(waitsForPoll('auto')).rejects.toThrow('to deeply equal []')
})

it('polls no deeper: a sink that does has nothing', async () => {
  await using pool = open('manual')
  await pool.run('clone', 'it is up')
  const polled: number[] = []
  const sink = { done: () => polled.push(pool.poll()), failed: () => {} }
  pool.call('double', 1, sink)
  pool.call('double', 2, sink)
  await workerIsThrough(pool)
  expect([pool.poll(), polled]).toEqual([2, [0, 0]])
})

it('takes the rest in by itself once it is closed', async () => {
  const pool = open('manual')
  const results = Array.from({ length: 300 }, (_, value) => pool.run('double', value))
  await pool.close()
  expect(await Promise.all(results)).toEqual(results.map((_, value) => 2 * value))
})

it('hears of what a sink throws as an uncaught error', async () => {
  const heard: unknown[] = []
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => heard.push(error))
  try {
    await using pool = createPool<typeof tasks>({ threads: 0, tasks })
    const blame = (what: string) => () => {
      throw new Error(what)
    }
    pool.call('double', 1, { done: blame('done'), failed: blame('failed') })
    pool.call('fails', 'luck', { done: blame('done'), failed: blame('failed') })
    await pool.drain()
    expect(await pool.run('double', 2)).toBe(4)
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of before) process.on('uncaughtException', listener)
  }
  expect(heard).toEqual([new Error('done'), new Error('failed')])
})
