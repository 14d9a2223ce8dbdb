import type { Clock, Timer } from '../../src/clock.ts'

/** A clock for work that takes time: unlike a virtual one it runs no timers meanwhile, as a busy thread does not. */
export class WorkClock implements Clock {
  #now = 0
  #timers: { readonly dueAt: number; readonly callback: () => void }[] = []

  /** Timers that are set and have not run. */
  get pending(): number {
    return this.#timers.length
  }

  now(): number {
    return this.#now
  }

  wallNow(): number {
    return this.#now
  }

  after(ms: number, callback: () => void): Timer {
    const timer = { dueAt: this.#now + ms, callback }
    this.#timers.push(timer)
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer)
      },
    }
  }

  /** The thread is busy for so long. */
  work(ms: number): void {
    this.#now += ms
  }

  /** Waits for the next timer, which fires so late, or early where that is negative. */
  runTimer(lateMs = 0): void {
    const timer = this.#timers.toSorted((a, b) => a.dueAt - b.dueAt)[0]
    if (timer === undefined) return
    this.#timers = this.#timers.filter((other) => other !== timer)
    this.#now = Math.max(this.#now, timer.dueAt + lateMs)
    timer.callback()
  }
}
