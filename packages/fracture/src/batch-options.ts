import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { checkHost, type FrameHost } from '@millrace/kernel/frames/frame-host'
import { checkInteger, checkNumber, checkObject, checkOneOf, show } from '@millrace/kernel/options'
import type { WorkerLike } from '@millrace/pool'
import { defaultFrames } from './hosts/default-frames.ts'
import { hostGlobals } from './hosts/host-globals.ts'
import type { FracturePool } from './task/cut-line.ts'

const OWNER = 'CutoutBatchProcessor'

/** What a full queue does with the next job. */
export type WhenFull = 'reject' | 'drop-oldest' | 'drop-lowest'

export interface CutoutBatchProcessorOptions {
  /**
   * Makes a worker whose entry is, or imports, `@millrace/fracture/worker`. Written like this, bundlers understand it:
   * `() => new Worker(new URL('./fracture-worker.ts', import.meta.url), { type: 'module' })`.
   * @default none: polygons are cut on the caller's thread, within frames
   */
  readonly worker?: () => WorkerLike
  /**
   * Workers, 1 to 1023. One more is started when a cut is expected to take long, so that it does not hold up the others.
   * @default one less than there are cores, at least 1
   */
  readonly threads?: number
  /** Whether polygons go to the workers through shared memory; where there is none, they go in messages by themselves. @default true */
  readonly sharedMemory?: boolean
  /** A pool that serves `fractureTasks`, beside tasks of your own, instead of `worker`. It stays open when the processor is closed. */
  readonly pool?: FracturePool
  /**
   * Where frames come from: the host's animation frames, or, where there are none, 60 a second by timers; a host of your own; or `'manual'`, when you
   * call `process()`. A hidden page has no animation frames: results wait until it is seen again. @default "auto"
   */
  readonly frames?: 'auto' | 'manual' | FrameHost
  /** Most time of a frame that delivering takes, and cutting where there is no worker, in ms, above 0 and at most 1000. @default 2 */
  readonly maxSliceMs?: number
  /** Frames for which a result waits for those before it, 0 to 1000. @default 2 */
  readonly maxHoldFrames?: number
  /** Most jobs that have not ended, at least 1. @default 10,000 */
  readonly maxQueued?: number
  /**
   * What a submission does when there are so many: throws `GATE_FULL`; or drops, with `JOB_DROPPED`, the one that waits longest, of all or of the least
   * urgent. @default "reject"
   */
  readonly whenFull?: WhenFull
  /** Wait after which a job counts as one priority more urgent, in ms, 1 to 10^12. @default 1000 */
  readonly ageMs?: number
  /** Most bytes of results kept for polygons that are fractured alike, 0 for none. @default 32 MiB */
  readonly cacheBytes?: number
  /** @default systemClock */
  readonly clock?: Clock
  /** How coarse the clock is, in ms, at least 0. @default measured when the processor is made */
  readonly clockTickMs?: number
}

/** The same with nothing left open, each field checked. */
export interface CheckedOptions
  extends Required<Omit<CutoutBatchProcessorOptions, 'worker' | 'pool' | 'frames' | 'clockTickMs'>> {
  readonly worker: (() => WorkerLike) | undefined
  readonly pool: FracturePool | undefined
  /** Undefined when frames are run by hand. */
  readonly frames: FrameHost | undefined
  readonly clockTickMs: number | undefined
}

/** @throws {MillraceError} `OPTION_INVALID`. */
export function checkProcessorOptions(options: CutoutBatchProcessorOptions): CheckedOptions {
  checkObject(OWNER, 'options', options)
  const { clock = systemClock, worker, pool, clockTickMs, frames = 'auto' } = options
  const integer = (
    name: 'threads' | 'maxHoldFrames' | 'maxQueued' | 'cacheBytes',
    fallback: number,
    min: number,
    max: number,
  ) => checkInteger(OWNER, name, options[name] ?? fallback, { min, max })
  if (worker !== undefined && typeof worker !== 'function') {
    throw invalid('worker', worker, 'must be a function that makes a worker')
  }
  if (pool !== undefined && (typeof pool?.run !== 'function' || !(pool.width >= 1))) {
    throw invalid('pool', pool, 'must be a pool that serves fractureTasks, with run() and a width of at least 1')
  }
  if (worker !== undefined && pool !== undefined)
    throw invalid('pool', pool, 'stands in for worker: give one of the two')
  if (typeof clock?.now !== 'function' || typeof clock.after !== 'function') {
    throw invalid('clock', clock, 'must be a clock, with now() and after(), such as systemClock')
  }
  return {
    worker,
    pool,
    threads: integer('threads', defaultThreads(), 1, 1023),
    sharedMemory: checkBoolean('sharedMemory', options.sharedMemory ?? true),
    frames: hostOf(frames, clock),
    maxSliceMs: checkNumber(OWNER, 'maxSliceMs', options.maxSliceMs ?? 2, { above: 0, max: 1000 }),
    maxHoldFrames: integer('maxHoldFrames', 2, 0, 1000),
    maxQueued: integer('maxQueued', 10_000, 1, 2 ** 24),
    whenFull: checkOneOf(OWNER, 'whenFull', options.whenFull ?? 'reject', ['reject', 'drop-oldest', 'drop-lowest']),
    ageMs: checkNumber(OWNER, 'ageMs', options.ageMs ?? 1000, { min: 1, max: 1e12 }),
    cacheBytes: integer('cacheBytes', 2 ** 25, 0, 2 ** 40),
    clock,
    clockTickMs:
      clockTickMs === undefined ? undefined : checkNumber(OWNER, 'clockTickMs', clockTickMs, { min: 0, max: 1000 }),
  }
}

function checkBoolean(name: 'sharedMemory', value: boolean): boolean {
  if (typeof value !== 'boolean') throw invalid(name, value, 'must be true or false')
  return value
}

function hostOf(frames: 'auto' | 'manual' | FrameHost, clock: Clock): FrameHost | undefined {
  if (frames === 'manual') return undefined
  if (frames === 'auto') return defaultFrames(clock)
  if (typeof frames === 'string') throw invalid('frames', frames, 'must be "auto", "manual" or a frame host')
  checkHost(OWNER, frames)
  return frames
}

function defaultThreads(): number {
  return Math.max(1, (hostGlobals().navigator?.hardwareConcurrency ?? 2) - 1)
}

function invalid(option: string, value: unknown, what: string): MillraceError {
  return new MillraceError('OPTION_INVALID', `${OWNER}: ${option} ${what}, not ${show(value)}`, {
    detail: { owner: OWNER, option, value },
  })
}
