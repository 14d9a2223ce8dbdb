import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkNumber, checkOneOf } from '@millrace/kernel/options'
import { SharedBell } from '@millrace/kernel/queue/shared-bell'
import type { WorkerLike } from './channel/worker-channel.ts'
import { hostGlobals } from './host-globals.ts'
import { slotBytesFor } from './parcel/parcel-layout.ts'
import type { Tasks } from './task/task.ts'

const POLICIES = ['reject', 'wait', 'drop-oldest', 'drop-lowest'] as const
const DELIVERIES = ['auto', 'manual'] as const

/** Of all slots together; the window's own words come on top. */
const MOST_WINDOW_BYTES = 2 ** 31 - 2 ** 24
const MOST_SLOT_BYTES = 2 ** 26

/** What a full queue does with the next call. */
export type WhenFull = (typeof POLICIES)[number]

/** When results are taken in: by themselves, or by `poll`. */
export type Delivery = (typeof DELIVERIES)[number]

export interface PoolOptions {
  /**
   * Makes a worker, whose entry calls `serve(tasks)`. Written like this, bundlers understand it:
   * `() => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })`. Needed unless `threads` is 0.
   */
  readonly worker?: () => WorkerLike
  /**
   * Number of workers, 0 to 1023; with 0, tasks run on the caller. @default one less than there are cores, at least 1
   */
  readonly threads?: number
  /** What the workers serve: needed when `threads` is 0. */
  readonly tasks?: Tasks
  /** Most calls of `run` that wait for a worker, at least 1. @default 1,048,576 */
  readonly maxQueued?: number
  /**
   * What `run` does when so many wait: rejects; waits for room; or drops the one that waits longest, of all or of the
   * least urgent. @default "reject"
   */
  readonly whenFull?: WhenFull
  /** Number of priorities, 1 to 255; 0 is the most urgent, the middle one the default. @default 3 */
  readonly priorities?: number
  /** Wait after which a task counts as one priority more urgent, in ms, at least 1. @default 1000 */
  readonly ageMs?: number
  /**
   * Work that travels together, in ms, above 0 and at most 1000: more has the caller interrupted less often, less lets what is urgent pass sooner. Never more than
   * 64 tasks, nor than their inputs fit a slot. @default 0.2
   */
  readonly parcelMs?: number
  /**
   * When results that come through shared memory are taken in: as workers tell of them, or only when you call `poll`, as in a loop of frames: then no worker
   * interrupts the caller. @default "auto"
   */
  readonly delivery?: Delivery
  /** Workers that may end while a retryable task runs until it is taken for the cause, at least 1. @default 2 */
  readonly maxDeaths?: number
  /** How long a task may go on after its deadline until its worker is replaced, in ms, at least 0. @default 100 */
  readonly graceMs?: number
  /** How long a worker may take to call `serve`, in ms, above 0. @default 10,000 */
  readonly startMs?: number
  /**
   * Whether values with codecs go through shared memory; `false` sends all in messages, as is done where there is no
   * shared memory. @default true
   */
  readonly sharedMemory?: boolean
  /**
   * Places for what is handed to workers ahead of time, each for one large task or many small ones: a power of two, 1
   * to 65,536.
   * @default 64
   */
  readonly slots?: number
  /**
   * Bytes of the largest input that goes through shared memory, and of the inputs that travel together: a multiple of
   * 8. There is room for as many bytes of outputs; larger ones go in messages. @default 16,384
   */
  readonly slotBytes?: number
  /** @default systemClock */
  readonly clock?: Clock
}

/** The same with nothing left open, each field checked. */
export type CheckedPoolOptions = Required<Omit<PoolOptions, 'worker' | 'tasks'>> & Pick<PoolOptions, 'worker' | 'tasks'>

/** @throws {MillraceError} `OPTION_INVALID`. */
export function checkPoolOptions(options: PoolOptions): CheckedPoolOptions {
  const checked = {
    worker: options.worker as PoolOptions['worker'] & {},
    tasks: options.tasks as Tasks,
    threads: integer('threads', options.threads ?? defaultThreads(), 0, 1023),
    maxQueued: integer('maxQueued', options.maxQueued ?? 2 ** 20, 1),
    whenFull: checkOneOf('createPool', 'whenFull', options.whenFull ?? 'reject', POLICIES),
    priorities: integer('priorities', options.priorities ?? 3, 1, 255),
    ageMs: checkNumber('createPool', 'ageMs', options.ageMs ?? 1000, { min: 1 }),
    parcelMs: checkNumber('createPool', 'parcelMs', options.parcelMs ?? 0.2, { above: 0, max: 1000 }),
    delivery: checkOneOf('createPool', 'delivery', options.delivery ?? 'auto', DELIVERIES),
    maxDeaths: integer('maxDeaths', options.maxDeaths ?? 2, 1),
    graceMs: checkNumber('createPool', 'graceMs', options.graceMs ?? 100, { min: 0 }),
    startMs: checkNumber('createPool', 'startMs', options.startMs ?? 10_000, { above: 0 }),
    sharedMemory: (options.sharedMemory ?? true) && canShare(),
    slots: powerOfTwo('slots', options.slots ?? 64, 65_536),
    slotBytes: multipleOf8('slotBytes', options.slotBytes ?? 16_384, MOST_SLOT_BYTES),
    clock: options.clock ?? systemClock,
  }
  if (checked.slots * slotBytesFor(checked.slotBytes) > MOST_WINDOW_BYTES) {
    const most = `with ${checked.slots} slots it may be ${Math.floor(MOST_WINDOW_BYTES / checked.slots / 16 - 2) * 8} at most`
    throw unfit(
      'slotBytes',
      `must leave the shared memory below 2 GiB: ${most}, not ${checked.slotBytes}`,
      checked.slotBytes,
    )
  }
  if (checked.threads > 0 && typeof options.worker !== 'function') {
    throw new MillraceError(
      'OPTION_INVALID',
      "createPool: worker must be a function that makes a worker, such as () => new Worker(new URL('./worker.ts', " +
        `import.meta.url), { type: 'module' }), not ${typeof options.worker}; or give threads: 0`,
      { detail: { owner: 'createPool', option: 'worker', value: options.worker } },
    )
  }
  if (checked.threads === 0 && options.tasks === undefined) {
    throw new MillraceError(
      'OPTION_INVALID',
      'createPool: threads: 0 runs tasks on the caller and needs "tasks", those that the worker would serve',
      { detail: { owner: 'createPool', option: 'tasks', value: undefined } },
    )
  }
  return checked
}

function integer(name: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
  return checkInteger('createPool', name, value, { min, max })
}

function powerOfTwo(name: string, value: number, max: number): number {
  integer(name, value, 1, max)
  if ((value & (value - 1)) !== 0) throw unfit(name, `must be a power of two, not ${value}`, value)
  return value
}

function multipleOf8(name: string, value: number, max: number): number {
  integer(name, value, 8, max)
  if (value % 8 !== 0) throw unfit(name, `must be a multiple of 8, not ${value}`, value)
  return value
}

function unfit(name: string, what: string, value: number): MillraceError {
  return new MillraceError('OPTION_INVALID', `createPool: ${name} ${what}`, {
    detail: { owner: 'createPool', option: name, value },
  })
}

function defaultThreads(): number {
  const cores = hostGlobals().navigator?.hardwareConcurrency ?? 2
  return Math.max(1, cores - 1)
}

/** A page that is not isolated has the constructor at times, but no worker may be sent its memory. */
function canShare(): boolean {
  const isKept = hostGlobals().crossOriginIsolated === false
  return typeof SharedArrayBuffer === 'function' && !isKept && SharedBell.canWaitAsync
}
