import { Worker } from 'node:worker_threads'
import { createPool, type Pool, type PoolOptions } from '../src/index.ts'
import { tasks } from './pool-tasks.ts'

export const modes = ['shared memory', 'messages', 'caller'] as const
export type Mode = (typeof modes)[number]

export const entry = (name: string) => () => new Worker(new URL(name, import.meta.url))

/** A pool of the tests' tasks, on threads or on the caller. */
export function openPool(mode: Mode, options: PoolOptions = {}): Pool<typeof tasks> {
  if (mode === 'caller') return createPool<typeof tasks>({ ...options, threads: 0, tasks })
  const sharedMemory = mode === 'shared memory'
  return createPool<typeof tasks>({ worker: entry('./pool-worker.ts'), threads: 2, sharedMemory, ...options })
}
