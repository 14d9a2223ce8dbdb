import type { Timer } from '../../src/clock.ts'
import { VirtualClock } from '../../src/virtual-clock.ts'

/** Collects the timers of one moment and runs them the last first. */
export class UnstableClock extends VirtualClock {
  readonly #byDueTime = new Map<number, (() => void)[]>()

  override after(ms: number, callback: () => void): Timer {
    const dueAt = this.now() + Math.max(0, ms)
    const callbacks = this.#byDueTime.get(dueAt) ?? []
    callbacks.unshift(callback)
    this.#byDueTime.set(dueAt, callbacks)
    const timer = super.after(ms, () => callbacks.shift()?.())
    return {
      cancel: () => {
        timer.cancel()
        const index = callbacks.indexOf(callback)
        if (index !== -1) callbacks.splice(index, 1)
      },
    }
  }
}
