import { Worker } from 'node:worker_threads'
import { createPool, type Pool } from '@millrace/pool'
import type { Carrier } from '../carrier.ts'
import { floodByCalls } from '../carrier.ts'
import type { Peer } from '../peers/peer.ts'
import { polygonOf, type Receipts } from '../polygon.ts'
import type { tasks } from './tasks.ts'

export type OurPool = Pool<typeof tasks>

const worker = () => new Worker(new URL('./worker.ts', import.meta.url))

/** Ours; the fallback is what it does where memory cannot be shared. */
export function openOurs(threads: number, { sharedMemory = true } = {}): OurPool {
  return createPool<typeof tasks>({
    worker,
    threads,
    sharedMemory,
  })
}

/** Ours as the pools beside it are seen: tasks by name alone. */
export const millrace: Peer = {
  name: 'Millrace',
  settings: [
    {
      options: 'as it comes',
      open: (threads) => {
        const pool = createPool<Record<string, (input: unknown) => unknown>>({ worker, threads })
        return {
          run: (task, input, signal) => pool.run(task, input, signal && { signal }),
          close: () => pool.close(),
        }
      },
    },
  ],
}

/** The three ways into a pool. */
export function carriersOf(pool: OurPool, prefix: string): Record<'stream' | 'run' | 'map', Carrier> {
  return {
    stream: { name: `${prefix} stream`, flood: (count, receipts) => floodStream(pool, count, receipts) },
    run: {
      name: `${prefix} run`,
      flood: (count, receipts) => floodByCalls((polygon) => pool.run('echo', polygon), count, receipts),
    },
    map: { name: `${prefix} map`, flood: (count, receipts) => floodMap(pool, count, receipts) },
  }
}

async function floodStream(pool: OurPool, count: number, receipts: Receipts): Promise<void> {
  const stream = pool.stream('echo')
  let sent = 0
  const fill = () => {
    while (sent < count && stream.push(polygonOf(sent))) sent++
    if (sent === count) stream.close()
  }
  fill()
  for await (const chunk of stream.results) {
    for (const result of chunk) receipts.take(result)
    fill()
  }
}

async function floodMap(pool: OurPool, count: number, receipts: Receipts): Promise<void> {
  function* inputs() {
    for (let id = 0; id < count; id++) yield polygonOf(id)
  }
  let id = 0
  for await (const result of pool.map('echo', inputs(), { maxItems: 4096 })) receipts.take(result, id++)
}
