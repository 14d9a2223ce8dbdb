import { MillraceError } from '@millrace/kernel/errors'
import { type FromWorker, MARK } from '../protocol.ts'
import { lifeLockFree } from './life-lock.ts'
import type { WorkerChannel, WorkerChannelEvents, WorkerEnd, WorkerLike } from './worker-channel.ts'

/** Node's `Worker`. */
interface NodeWorker extends WorkerLike {
  on(event: 'message' | 'messageerror' | 'error' | 'exit', listener: (value: unknown) => void): unknown
  ref(): void
  unref(): void
}

/** A browser's. */
interface WebWorker extends WorkerLike {
  addEventListener(type: 'message' | 'messageerror' | 'error', listener: (event: WebWorkerEvent) => void): void
}

interface WebWorkerEvent {
  readonly data?: unknown
  readonly message?: unknown
  readonly filename?: unknown
  readonly lineno?: unknown
}

/**
 * Opens the channel to a worker that was just made.
 * @throws {MillraceError} `WORKER_INVALID` when it is neither Node's nor a browser's.
 */
export function openChannel(worker: WorkerLike, events: WorkerChannelEvents): WorkerChannel {
  let isOpen = true
  let isTerminated = false
  /** Settles when the worker is gone, where it is not `terminate` that tells. */
  let gone: Promise<void> | undefined
  const hear = (data: unknown) => {
    if (isOpen && isFromWorker(data) && data[1] !== 'alive') events.onMessage(data)
  }
  const end = (reason: WorkerEnd['reason'], told: string) => {
    if (!isOpen || isTerminated) return
    isOpen = false
    events.onEnd({ reason, told })
  }
  const terminate = async () => {
    isTerminated = true
    await worker.terminate()
    await gone
    isOpen = false
  }
  // The host looks through the list; it does not change it.
  const post: WorkerChannel['post'] = (message, transfer = []) => worker.postMessage(message, transfer as never[])

  if (isNodeWorker(worker)) {
    let error: { readonly told: string } | undefined
    worker.on('message', hear)
    // The end is `exit`, which always follows: before it Node hands over the messages that are still on their way.
    worker.on('error', (value) => {
      error ??= { told: toldOf(value) }
    })
    worker.on('exit', (code) => (error ? end('error', error.told) : end('exit', `exit code ${code}`)))
    worker.on('messageerror', (value) => end('unreadable', toldOf(value)))
    return { post, ref: () => worker.ref(), unref: () => worker.unref(), terminate }
  }
  if (isWebWorker(worker)) {
    let isAlive = false
    let serving: unknown
    worker.addEventListener('message', ({ data }) => {
      if (isFromWorker(data) && data[1] === 'alive') {
        isAlive = true
        gone = data[2] === null ? undefined : lifeLockFree(data[2])
        gone?.then(() => end('exit', 'it closed itself'))
        if (serving !== undefined) hear(serving)
        // Nothing is shared with a worker before it is known how its end is told.
      } else if (!isAlive && isFromWorker(data) && data[1] === 'serving') serving = data
      else hear(data)
    })
    worker.addEventListener('messageerror', () => end('unreadable', 'a message of it could not be read'))
    // It lives on, with who knows what left undone.
    worker.addEventListener('error', (event) => end('error', toldOfEvent(event)))
    return { post, ref: () => {}, unref: () => {}, terminate }
  }
  throw new MillraceError(
    'WORKER_INVALID',
    'createPool: worker() returned no Worker, neither of node:worker_threads nor of a browser; ' +
      "return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })",
  )
}

function isNodeWorker(worker: WorkerLike): worker is NodeWorker {
  return isWorker(worker) && 'on' in worker && typeof worker.on === 'function'
}

function isWebWorker(worker: WorkerLike): worker is WebWorker {
  return isWorker(worker) && 'addEventListener' in worker && typeof worker.addEventListener === 'function'
}

/** Its type says so, but it is made by the user. */
function isWorker(worker: unknown): boolean {
  return (
    typeof worker === 'object' &&
    worker !== null &&
    'postMessage' in worker &&
    typeof worker.postMessage === 'function' &&
    'terminate' in worker &&
    typeof worker.terminate === 'function'
  )
}

function isFromWorker(data: unknown): data is FromWorker {
  return Array.isArray(data) && data[0] === MARK
}

function toldOf(value: unknown): string {
  if (!(value instanceof Error)) return `threw ${typeof value === 'string' ? value : typeof value}`
  return `${value.name}: ${value.message}`
}

function toldOfEvent({ message, filename, lineno }: WebWorkerEvent): string {
  return typeof message === 'string' && message !== ''
    ? `${message} (${filename}:${lineno})`
    : 'it did not load: its address is wrong, or an import of it is'
}
