import { createRequire } from 'node:module'

/** What is used of React's `scheduler`. */
export interface ReactScheduler {
  readonly unstable_UserBlockingPriority: number
  readonly unstable_NormalPriority: number
  /** Every reading of its clock goes through this property. */
  unstable_now: () => number
  unstable_scheduleCallback(priority: number, callback: ReactCallback): unknown
  unstable_shouldYield(): boolean
}

/** Returns itself, or another, where it is to go on later. */
export type ReactCallback = () => ReactCallback | undefined

/** Calls back once, later: what the scheduler has of its host. */
export type HostLoop = (callback: () => void) => void

/** How long it works before it yields to its host. It has no setting below 8 ms; 5 is its default. */
export const REACT_SLICE_MS = 5

const require = createRequire(import.meta.url)
const file = require.resolve('scheduler/cjs/scheduler.production.js')

/** A scheduler of its own, as a production build has it, on `host`, which in Node is `setImmediate`. */
export function loadReact(host: HostLoop = (callback) => setImmediate(callback)): ReactScheduler {
  const { setImmediate: original } = globalThis
  delete require.cache[file]
  try {
    // It takes what it finds when it is loaded.
    Object.assign(globalThis, { setImmediate: host })
    return require(file) as ReactScheduler
  } finally {
    Object.assign(globalThis, { setImmediate: original })
  }
}
