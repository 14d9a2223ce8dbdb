import { createPool, type Pool } from '@millrace/pool'
import type { CheckedOptions } from '../batch-options.ts'
import { CallerCutter } from './caller-cutter.ts'
import { polledLine, promisedLine } from './cut-line.ts'
import type { Cutter, CutterPort } from './cutter.ts'
import type { FractureTasks } from './fracture-task.ts'
import { WorkerCutter } from './worker-cutter.ts'

/** Room for a parcel of polygons, and for the fragments of one that is cut into a hundred, with their meshes; larger ones go in messages. */
const SLOT_BYTES = 65_536
const SLOTS = 32
/** Of small cuts many travel together, as none is needed before the next frame. */
const PARCEL_MS = 1

/** The cutter that the options ask for. Workers start at once, as that takes longer than a game should wait for its first explosion. */
export function connectCutter(options: CheckedOptions, port: CutterPort): Cutter {
  const { worker, threads, sharedMemory, clock } = options
  if (options.pool !== undefined) {
    return new WorkerCutter({ line: promisedLine(options.pool), closePools: async () => {} }, port)
  }
  if (worker === undefined) return new CallerCutter(port)
  const pools: Pool<FractureTasks>[] = []
  const start = (workers: number) => {
    const pool = createPool<FractureTasks>({
      worker,
      threads: workers,
      sharedMemory,
      clock,
      slots: SLOTS,
      parcelMs: PARCEL_MS,
      delivery: 'manual',
      slotBytes: SLOT_BYTES,
    })
    pools.push(pool)
    return polledLine(pool)
  }
  const closePools = (withinMs: number) => Promise.all(pools.map((pool) => pool.close({ withinMs })))
  return new WorkerCutter({ line: start(threads), startExtra: () => start(1), closePools }, port)
}
