import { registerHooks } from 'node:module'

export type YieldOrContinue = (strategy: 'interactive' | 'smooth' | 'idle') => Promise<void>

const PACKAGE = '/main-thread-scheduling/'

/** A message comes with the next turn of the event loop. It opens a channel for each; those of Node would never close. */
class ImmediateChannel {
  readonly port1: { onmessage?: () => void } = {}
  readonly port2 = { postMessage: () => void setImmediate(() => this.port1.onmessage?.()) }
}

/**
 * `main-thread-scheduling` in Node: it is published for bundlers, and works only where there is a window. Its frames come
 * as fast as the event loop turns.
 */
export async function loadMainThreadScheduling(): Promise<YieldOrContinue> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      context.parentURL?.includes(PACKAGE) && specifier.startsWith('.')
        ? { ...next(`${specifier}.js`, context), format: 'module' }
        : specifier === 'main-thread-scheduling'
          ? { ...next(specifier, context), format: 'module' }
          : next(specifier, context),
  })
  Object.assign(globalThis, {
    window: globalThis,
    document: { visibilityState: 'visible', addEventListener: () => {} },
    requestAnimationFrame: (callback: () => void) => setImmediate(callback),
    cancelAnimationFrame: (frame: NodeJS.Immediate | undefined) => clearImmediate(frame),
    MessageChannel: ImmediateChannel,
  })
  try {
    return (await import('main-thread-scheduling')).yieldOrContinue
  } finally {
    hooks.deregister()
  }
}
