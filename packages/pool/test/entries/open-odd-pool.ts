import { createPool, type Pool, type PoolOptions } from '../../src/index.ts'
import { entry, type Mode } from '../open-pool.ts'
import { oddTasks } from './odd-tasks.ts'

export type OddPool = Pool<typeof oddTasks>

/** A pool of odd tasks, on threads or on the caller. */
export function openOddPool(mode: Mode, options: PoolOptions = {}): OddPool {
  if (mode === 'caller') return createPool<typeof oddTasks>({ ...options, threads: 0, tasks: oddTasks })
  const sharedMemory = mode === 'shared memory'
  return createPool<typeof oddTasks>({ worker: entry('./entries/odd-worker.ts'), threads: 2, sharedMemory, ...options })
}
