import { type Clock, type Timer, VirtualClock } from '@millrace/kernel'

/** Lets everything happen that needs no time to pass. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A virtual clock that moves from timer to timer, and lets what each sets off happen before the next. */
export class StepClock implements Clock {
  readonly #clock = new VirtualClock({ wallNow: 1_700_000_000_000 })
  readonly #due = new Set<{ readonly at: number }>()
  /** By how much somebody has set the wall clock. */
  wallJumpMs = 0

  /** Timers that are set and have not run. */
  get pending(): number {
    return this.#due.size
  }

  now(): number {
    return this.#clock.now()
  }

  wallNow(): number {
    return this.#clock.wallNow() + this.wallJumpMs
  }

  after(ms: number, callback: () => void): Timer {
    const due = { at: this.now() + Math.max(0, ms || 0) }
    this.#due.add(due)
    const timer = this.#clock.after(ms, () => {
      this.#due.delete(due)
      callback()
    })
    return {
      cancel: () => {
        this.#due.delete(due)
        timer.cancel()
      },
    }
  }

  /** Moves `ms` on. */
  async advance(ms: number): Promise<void> {
    const target = this.now() + ms
    await settled()
    for (;;) {
      let next = Number.POSITIVE_INFINITY
      for (const { at } of this.#due) next = Math.min(next, at)
      if (next > target) break
      this.#clock.advance(next - this.now())
      await settled()
    }
    this.#clock.advance(target - this.now())
    await settled()
  }

  /** Waits in virtual time until `promise` is settled, and gives it. */
  async until<T>(promise: Promise<T>, withinMs = 600_000): Promise<T> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    promise.then(over, over)
    const end = this.now() + withinMs
    await settled()
    while (!isOver) {
      let next = Number.POSITIVE_INFINITY
      for (const { at } of this.#due) next = Math.min(next, at)
      if (next > end) throw new Error(`nothing came of it within ${withinMs} ms`)
      this.#clock.advance(next - this.now())
      await settled()
    }
    return promise
  }
}
