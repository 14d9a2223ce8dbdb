import { MillraceError } from '@millrace/kernel/errors'
import { type FromWorker, MARK, type ToWorker } from '../protocol.ts'
import { holdLifeLock } from './life-lock.ts'
import { type WorkerGlobals, workerGlobals } from './worker-globals.ts'

/** The pool as a worker sees it, the same in Node and in browsers. */
export interface HostChannel {
  /** @throws what the host throws when `message` cannot be cloned. */
  post(message: FromWorker, transfer?: readonly ArrayBuffer[]): void
  /** Hears the pool's messages from now on, those that came before included; called once. Others are let alone. */
  listen(listener: (message: ToWorker) => void): void
  /** Gives the event loop one turn. Does not keep the thread alive by itself. */
  turn(): Promise<void>
  /** Ends the thread at once; what was posted arrives. */
  leave(): void
}

/**
 * The channel of the worker that this thread is.
 * @throws {MillraceError} `SERVE_OUTSIDE_WORKER` when it is none.
 */
export function hostChannel(): HostChannel {
  const globals = workerGlobals()
  const turn = turnsOf(globals)
  // Asked for by name at run time, so that no bundler for browsers meets an import of Node's.
  const threads = globals.process?.getBuiltinModule?.('node:worker_threads')
  if (threads !== undefined && !threads.isMainThread && threads.parentPort !== null) {
    const port = threads.parentPort
    return {
      post: (message, transfer) => port.postMessage(message, transfer),
      listen: (listener) => {
        port.on('message', (data) => isForWorker(data) && listener(data))
        port.on('messageerror', (error) => endWith(error))
      },
      turn,
      leave: () => globals.process?.exit(),
    }
  }
  if (globals.DedicatedWorkerGlobalScope !== undefined && globals.postMessage !== undefined) {
    const post: HostChannel['post'] = (message, transfer) => globals.postMessage?.(message, transfer)
    holdLifeLock((lock) => post([MARK, 'alive', lock]))
    return {
      post,
      listen: (listener) => {
        globals.addEventListener?.('message', ({ data }) => isForWorker(data) && listener(data))
        globals.addEventListener?.('messageerror', () => endWith(new Error('a message could not be read')))
      },
      turn,
      leave: () => globals.close?.(),
    }
  }
  throw new MillraceError(
    'SERVE_OUTSIDE_WORKER',
    'serve: this thread is no worker that a pool has made; call serve in the file that createPool({ worker }) starts, ' +
      'and import that file nowhere else',
  )
}

/**
 * Ends this worker with `error`, as if nobody had caught it, so that the pool hears of it. A rejection would not do:
 * browsers do not tell of those.
 */
export function endWith(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}

function isForWorker(data: unknown): data is ToWorker {
  return Array.isArray(data) && data[0] === MARK
}

/* Through a channel of its own: a timer takes a millisecond in Node, and up to four in browsers. */
function turnsOf(globals: WorkerGlobals): () => Promise<void> {
  let post: (() => void) | undefined
  let resolve = () => {}
  return () => {
    if (post === undefined) {
      const { port1, port2 } = new globals.MessageChannel()
      port2.onmessage = () => resolve()
      port1.unref?.()
      port2.unref?.()
      post = () => port1.postMessage(0)
    }
    return new Promise((settle) => {
      resolve = settle
      post?.()
    })
  }
}
