import { readFileSync } from 'node:fs'
import { PerformanceObserver } from 'node:perf_hooks'

/** What the machine took from this thread, in ms. */
export interface Taken {
  /** It could have run, and had no core. NaN but on Linux. */
  readonly coreMs: number
  /** It was stopped for a collection of garbage. */
  readonly garbageMs: number
}

/** Watches what the machine takes from this thread, until disposed of. */
export function watchMachine(): Disposable & { readonly taken: Taken } {
  let garbageMs = 0
  const from = performance.now()
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) if (startTime >= from) garbageMs += duration
  })
  observer.observe({ entryTypes: ['gc'] })
  const before = coreWaitMs()
  return {
    get taken() {
      return { coreMs: coreWaitMs() - before, garbageMs }
    },
    [Symbol.dispose]: () => observer.disconnect(),
  }
}

function coreWaitMs(): number {
  try {
    // Ns on a core, ns ready without one, turns.
    return Number(readFileSync(`/proc/${process.pid}/task/${process.pid}/schedstat`, 'latin1').split(' ')[1]) / 1e6
  } catch {
    return Number.NaN
  }
}
