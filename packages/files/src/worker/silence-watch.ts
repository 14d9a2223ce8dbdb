import type { Clock, Timer } from '@millrace/kernel/clock'

/** Watches for the time since something was last heard of to pass what is allowed. */
export class SilenceWatch {
  readonly #clock: Clock
  readonly #allowedMs: () => number
  readonly #onSilence: (allowedMs: number) => void
  #lastHeard = 0
  #timer: Timer | undefined

  /** @param allowedMs Asked anew each time it is started and each time it looks. */
  constructor(clock: Clock, allowedMs: () => number, onSilence: (allowedMs: number) => void) {
    this.#clock = clock
    this.#allowedMs = allowedMs
    this.#onSilence = onSilence
  }

  start(): void {
    this.heard()
    this.#look()
  }

  /** The time counts from now. PERF: one clock read; the timer finds it when it next looks. */
  heard(): void {
    this.#lastHeard = this.#clock.now()
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #look(): void {
    const allowedMs = this.#allowedMs()
    const silentMs = this.#clock.now() - this.#lastHeard
    this.stop()
    if (silentMs < allowedMs) {
      this.#timer = this.#clock.after(allowedMs - silentMs, () => this.#look())
      return
    }
    // This process may itself have been held up: what has been sent to it by now is read before the verdict.
    const verdict = this.#clock.after(0, () => {
      setImmediate(() => {
        if (this.#timer !== verdict) return
        if (this.#clock.now() - this.#lastHeard < allowedMs) this.#look()
        else this.#onSilence(allowedMs)
      })
    })
    this.#timer = verdict
  }
}
