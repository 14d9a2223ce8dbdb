/** What is taken from the host, in Node, in a browser, or in both. */
export interface HostGlobals {
  readonly AbortController: new () => { readonly signal: AbortSignal; abort(reason: unknown): void }
  readonly navigator?: { readonly hardwareConcurrency?: number }
  /** In pages and in dedicated workers. */
  readonly requestAnimationFrame?: unknown
}

/** The globals of this thread. */
export function hostGlobals(): HostGlobals {
  const globals: object = globalThis
  return globals as HostGlobals
}
