import type { Clock, Timer } from '@millrace/kernel/clock'
import { TimingWheel } from '@millrace/kernel/queue/timing-wheel'

/** What has a deadline. */
export interface Timed {
  /** Its time is over: it has no deadline any more, and its slot may be another's. */
  expired(): void
  /** It is to end now, whatever its deadline. */
  stop?(): void
}

export interface DeadlinesOptions {
  readonly clock: Clock
  /** In ms: so much later than its deadline, something may be told. @default 10 */
  readonly tickMs?: number
}

/**
 * Deadlines of many, kept by one timing wheel and one timer, which runs only while there are any.
 *
 * It also knows for how long the thread stood still: ticks that came late. So a deadline that passed because nobody looked can be told from one that passed
 * because nobody answered. O(1) a deadline, and nothing is allocated for it.
 */
export class Deadlines implements Disposable {
  readonly #clock: Clock
  readonly #tickMs: number
  readonly #wheel = new TimingWheel()
  readonly #startedAt: number
  /** By slot. */
  readonly #items: (Timed | undefined)[] = []
  readonly #free: number[] = []
  readonly #due = new Int32Array(64)
  #timer: Timer | undefined
  #tickedAt = 0
  #stoodStillMs = 0

  constructor({ clock, tickMs = 10 }: DeadlinesOptions) {
    this.#clock = clock
    this.#tickMs = tickMs
    this.#startedAt = clock.now()
  }

  /** For how long the thread stood still while there were deadlines, in ms: a count that only grows. */
  get stoodStillMs(): number {
    return this.#stoodStillMs
  }

  /** All that have a deadline. */
  items(): Timed[] {
    return this.#items.filter((item) => item !== undefined)
  }

  /** @param at is a time of the clock. @returns the slot by which it is moved and removed. */
  add(item: Timed, at: number): number {
    const slot = this.#free.pop() ?? this.#items.length
    this.#items[slot] = item
    this.move(slot, at)
    if (this.#timer === undefined) {
      this.#tickedAt = this.#clock.now()
      this.#wait()
    }
    return slot
  }

  move(slot: number, at: number): void {
    this.#wheel.schedule(slot, Math.ceil((at - this.#startedAt) / this.#tickMs))
  }

  remove(slot: number): void {
    if (!this.#wheel.cancel(slot)) return
    this.#items[slot] = undefined
    this.#free.push(slot)
  }

  /** Tells nobody anything any more. */
  [Symbol.dispose](): void {
    this.#timer?.cancel()
  }

  readonly #tick = (): void => {
    const now = this.#clock.now()
    const lateMs = now - this.#tickedAt - this.#tickMs
    if (lateMs > this.#tickMs) this.#stoodStillMs += lateMs
    this.#tickedAt = now
    this.#expire(Math.floor((now - this.#startedAt) / this.#tickMs))
    this.#timer = undefined
    if (this.#wheel.size > 0) this.#wait()
  }

  #wait(): void {
    this.#timer = this.#clock.after(this.#tickMs, this.#tick)
  }

  #expire(tick: number): void {
    const due = this.#due
    for (let count = due.length; count === due.length; ) {
      count = this.#wheel.advance(tick, due)
      for (let at = 0; at < count; at++) {
        const slot = due[at]!
        const item = this.#items[slot]!
        this.#items[slot] = undefined
        this.#free.push(slot)
        item.expired()
      }
    }
  }
}
