interface Port {
  onmessage: (() => void) | null
  postMessage(message: unknown): void
  close(): void
}

/** What turns of the event loop come from, in Node, in a browser, or in both. */
export interface HostGlobals {
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port }
  /** In Node. */
  readonly setImmediate?: (callback: () => void) => unknown
  readonly clearImmediate?: (immediate: unknown) => void
}

/** The globals of this thread. */
export function hostGlobals(): HostGlobals {
  const globals: object = globalThis
  return globals as HostGlobals
}
