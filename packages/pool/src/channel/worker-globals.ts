/** A port of a thread, as Node has it: `parentPort`. */
export interface NodePort {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void
  on(event: 'message' | 'messageerror', listener: (value: unknown) => void): unknown
}

/** What of `node:worker_threads` is used. */
export interface NodeThreads {
  readonly isMainThread: boolean
  readonly parentPort: NodePort | null
}

interface MessageEvent {
  readonly data: unknown
}

interface Port {
  postMessage(message: unknown): void
  onmessage: (() => void) | null
  /** In Node only: does not keep the thread alive. */
  unref?(): void
}

/** What there may be in the thread of a worker, in Node or in a browser. */
export interface WorkerGlobals {
  readonly process?: {
    getBuiltinModule?(name: 'node:worker_threads'): NodeThreads
    exit(): void
  }
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port }
  structuredClone<T>(value: T): T
  /** In a browser's dedicated worker only. */
  readonly DedicatedWorkerGlobalScope?: unknown
  postMessage?(message: unknown, transfer?: readonly ArrayBuffer[]): void
  addEventListener?(type: 'message' | 'messageerror', listener: (event: MessageEvent) => void): void
  close?(): void
}

/** The globals of this thread. */
export function workerGlobals(): WorkerGlobals {
  const globals: object = globalThis
  return globals as WorkerGlobals
}
