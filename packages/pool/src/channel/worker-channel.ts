import type { FromWorker, ToWorker } from '../protocol.ts'

/** What Node's `Worker` and the browser's have in common, seen from the thread that made it. */
export interface WorkerLike {
  postMessage(message: unknown, transfer: never[]): void
  terminate(): unknown
}

/** How a worker ended, or why it is as good as ended. */
export interface WorkerEnd {
  /**
   * `exit`: by itself. `error`: with an uncaught error, or it did not load. `unreadable`: it sent what cannot be read.
   */
  readonly reason: 'exit' | 'error' | 'unreadable'
  /** In words, for the evidence: exit code, error. */
  readonly told: string
}

export interface WorkerChannelEvents {
  readonly onMessage: (message: FromWorker) => void
  /** Once; nothing is heard after it. */
  readonly onEnd: (end: WorkerEnd) => void
}

/** A worker as the pool sees it, the same in Node and in browsers. */
export interface WorkerChannel {
  post(message: ToWorker, transfer?: readonly ArrayBuffer[]): void
  /** Keeps the process alive until `unref`. Does nothing in browsers. */
  ref(): void
  unref(): void
  /**
   * Ends the worker at once; `onEnd` is not called. Settles when it is gone, where the host tells: what it had sent
   * until then is heard before, and nothing after.
   */
  terminate(): Promise<void>
}
