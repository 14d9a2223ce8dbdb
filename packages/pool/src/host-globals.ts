interface Port {
  onmessage: (() => void) | null
  postMessage(message: unknown): void
  close(): void
}

/** What the pool's thread has in Node, in a browser, or in both. */
export interface HostGlobals {
  structuredClone(value: unknown, options?: { readonly transfer?: readonly ArrayBuffer[] }): unknown
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port }
  readonly navigator?: { readonly hardwareConcurrency?: number }
  /** In browsers: whether memory may be shared. */
  readonly crossOriginIsolated?: boolean
  /** In Node. */
  readonly process?: {
    getBuiltinModule?(name: 'node:worker_threads'): { markAsUntransferable(buffer: ArrayBuffer): void }
  }
  readonly setImmediate?: (callback: () => void) => unknown
}

/** The globals of this thread. */
export function hostGlobals(): HostGlobals {
  const globals: object = globalThis
  return globals as HostGlobals
}
