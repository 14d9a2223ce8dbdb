import type { TaskShape } from './task/codec-of.ts'

/**
 * What a pool and its workers say to each other in messages. Tasks and results whose codecs and host allow it do not
 * pass here but through shared memory; the rest is cloned.
 *
 * Every message is an array whose first item is {@link MARK}: a worker may have other conversations, and the user's own
 * messages are let alone.
 */
export const MARK = '@millrace/pool'

/** The memory that a pool shares with a worker. */
export interface SharedMemory {
  /** Of `createSharedWindow`: parcels, the same for all workers. */
  readonly window: SharedArrayBuffer
  /** Of `createSharedRing`: which parcels this worker is through with. */
  readonly ring: SharedArrayBuffer
  /** Of a `SharedBell`, the same for all workers: wakes the pool. */
  readonly bell: SharedArrayBuffer
  /**
   * Four bytes a worker, in the order of their numbers: how many messages it was posted after `start`, modulo 2^32. The
   * pool adds one by `Atomics.add` when it has posted one, so that a worker that does not sleep in its event loop goes
   * there.
   */
  readonly mail: SharedArrayBuffer
  /** Of `CancelFlags`, the same for all workers: tasks that came in messages, and that nobody wants any more. */
  readonly cancels: SharedArrayBuffer
}

/** A task on its way in a message: its ticket is an `entryTicket`. */
export type TaskMessage = readonly [ticket: number, task: number, input: unknown]

/** Its result: `[ticket, true, output]`, or `[ticket, false, fault]`. */
export type ResultMessage =
  | readonly [ticket: number, done: true, output: unknown]
  | readonly [ticket: number, done: false, fault: Fault]

/** An error on its way: errors are not cloned alike everywhere. */
export interface Fault {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** Of a `MillraceError`. */
  readonly code: string | undefined
  readonly detail: Readonly<Record<string, unknown>> | undefined
}

export type ToWorker =
  /**
   * The first message, sent when the worker has said that it is `serving`: its number, and the memory, where there is
   * any.
   */
  | readonly [typeof MARK, 'start', worker: number, memory: SharedMemory | null]
  /** Tasks for this worker, in the order they are to be run. */
  | readonly [typeof MARK, 'tasks', tasks: readonly TaskMessage[]]
  /**
   * The same for tasks with an input codec where no memory is shared: see `worker/packed.ts`. After each ticket comes
   * its task.
   */
  | readonly [typeof MARK, 'packed', bytes: ArrayBuffer]
  /** Nobody wants these results any more; where no memory is shared. */
  | readonly [typeof MARK, 'cancel', tickets: readonly number[]]
  /** Leave, when what is in hand is done. */
  | readonly [typeof MARK, 'end']

export type FromWorker =
  /**
   * In browsers: the lock that it holds while it lives, if there are locks. For the channel: see
   * `channel/life-lock.ts`.
   */
  | readonly [typeof MARK, 'alive', lock: string | null]
  /**
   * What the worker serves, by name; a task's number is its place here. Said unasked, when `serve` is called: what is
   * posted before may be lost in a browser, where `serve` comes after a top-level `await`.
   */
  | readonly [typeof MARK, 'serving', tasks: readonly (readonly [name: string, shape: TaskShape])[]]
  /** It serves nothing: what was given to `serve` is wrong. */
  | readonly [typeof MARK, 'unable', fault: Fault]
  /** One answer to each task that came in a message, and to each in the window whose output says `ELSEWHERE`. */
  | readonly [typeof MARK, 'results', results: readonly ResultMessage[]]
  /** Outputs that have a codec, of tasks that came in messages. After each ticket comes its task. */
  | readonly [typeof MARK, 'packed', bytes: ArrayBuffer]
  /**
   * The worker begins with a task that came in a message, and goes on without another word to the next ones of that
   * way, `tasks` in all, in the order they were posted. Every result of those before was sent. A task of a kind that
   * has not come back soon before is told alone. Of tasks in the window the window tells.
   */
  | readonly [typeof MARK, 'started', ticket: number, tasks: number]
  | readonly [typeof MARK, 'progress', ticket: number, fraction: number]

/**
 * Of a record in a worker's ring: it is through with the parcel in the slot, of which so many entries have their
 * outputs, up to a byte from the slot's on, after so many ms. The words of the record; the last is a 32-bit float.
 */
export const RECORD_SLOT = 0
export const RECORD_DONE = 1
export const RECORD_END = 2
export const RECORD_MS = 3
export const RECORD_BYTES = 16
