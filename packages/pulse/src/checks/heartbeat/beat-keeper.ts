import type { Clock, Timer } from '@millrace/kernel/clock'
import type { StoredBeat } from '../../store/pulse-store.ts'
import type { Heartbeats } from './heartbeats.ts'

/** Between two commits of what was heard. */
const KEEP_EVERY_MS = 10_000

export interface BeatKeeperOptions {
  readonly beats: Heartbeats
  readonly clock: Clock
  /** What is to be kept; with that, all is that was heard `until`, by the wall clock. */
  readonly keep: (beats: readonly StoredBeat[], until: number) => void
}

/**
 * Keeps what services said for the next process: together, every ten seconds, and not each call by itself; and when it is stopped. Where no service is to call, it does
 * nothing.
 */
export class BeatKeeper {
  readonly #options: BeatKeeperOptions
  #timer: Timer | undefined
  #isRunning = false

  constructor(options: BeatKeeperOptions) {
    this.#options = options
  }

  start(): void {
    this.#isRunning = true
    this.#options.beats.onNews(() => this.#arm())
    if (this.#options.beats.isUsed) this.#arm()
  }

  /** Keeps what there is, and no more. */
  stop(): void {
    if (this.#isRunning && this.#options.beats.isUsed) this.#keep()
    this.#isRunning = false
    this.#timer?.cancel()
  }

  #keep(): void {
    const { beats, clock, keep } = this.#options
    keep(beats.takeNews(), clock.wallNow())
  }

  /** As long as anybody is to call: that nobody did is to be kept too. */
  #arm(): void {
    if (!this.#isRunning || this.#timer !== undefined) return
    const { clock, beats } = this.#options
    this.#timer = clock.after(KEEP_EVERY_MS, () => {
      this.#timer = undefined
      this.#keep()
      if (beats.isUsed) this.#arm()
    })
  }
}
