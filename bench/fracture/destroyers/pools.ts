import { Piscina } from 'piscina'
import { Tinypool } from 'tinypool'
import { type PackedFragments, resultOf } from '../kernel.ts'
import type { BreakableObject } from '../objects.ts'
import type { Destroyer, DestroyerKind } from './destroyer.ts'

const filename = new URL('./pool-task.ts', import.meta.url).href

/** A pool as its users have it: each object is a call, and its result is put in when it comes. */
interface Calls {
  run(object: BreakableObject): Promise<unknown>
  destroy(): PromiseLike<void>
}

/** The pools that people use, each in the settings that its documentation offers for small tasks. */
export const pools: readonly DestroyerKind[] = [
  piscina('sync', 1, 'movedByPiscina'),
  piscina('sync', 1, 'cloned'),
  piscina('disabled', 1, 'movedByPiscina'),
  piscina('sync', 64, 'cloned'),
  tinypool(true, 1, 'movedByTinypool'),
  tinypool(true, 1, 'cloned'),
  tinypool(false, 1, 'movedByTinypool'),
  tinypool(true, 64, 'cloned'),
]

function piscina(atomics: 'sync' | 'disabled', concurrentTasksPerWorker: number, name: string): DestroyerKind {
  return {
    name: `piscina, atomics ${atomics}, ${concurrentTasksPerWorker} a worker, ${name.replace(/By.*/, '')}`,
    open: (threads) => {
      const options = { filename, minThreads: threads, maxThreads: threads, atomics, concurrentTasksPerWorker }
      const pool = new Piscina(options)
      return destroyerOf({ run: (object) => pool.run(object, { name }), destroy: () => pool.destroy() })
    },
  }
}

function tinypool(useAtomics: boolean, concurrentTasksPerWorker: number, name: string): DestroyerKind {
  return {
    name: `tinypool, atomics ${useAtomics ? 'on' : 'off'}, ${concurrentTasksPerWorker} a worker, ${name.replace(/By.*/, '')}`,
    open: (threads) => {
      const pool = new Tinypool({
        runtime: 'worker_threads',
        filename,
        minThreads: threads,
        maxThreads: threads,
        useAtomics,
        concurrentTasksPerWorker,
      })
      return destroyerOf({ run: (object) => pool.run(object, { name }), destroy: () => pool.destroy() })
    },
  }
}

function destroyerOf(pool: Calls): Destroyer {
  return {
    destroy: (object, onResult) => {
      pool.run(object).then((packed) => onResult(resultOf(packed as PackedFragments)))
    },
    frame: () => {},
    close: () => pool.destroy(),
  }
}
