interface Port {
  onmessage: (() => void) | null
  postMessage(message: unknown): void
  close(): void
}

/** What frames come from and are measured by, in Node, in a browser, or in both. */
export interface FrameGlobals {
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port }
  readonly performance: { now(): number }
  /** In pages and in dedicated workers. */
  readonly requestAnimationFrame?: (callback: (timeMs: number) => void) => number
  readonly cancelAnimationFrame?: (handle: number) => void
}

/** The globals of this thread. */
export function frameGlobals(): FrameGlobals {
  const globals: object = globalThis
  return globals as FrameGlobals
}
