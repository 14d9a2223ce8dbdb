import { Ring } from '@millrace/kernel/queue/ring'

const MINUTE_MS = 60_000

/**
 * Keeps a failure of many from becoming a storm of restarts: at most `maxPerMinute` interventions begin within any minute.
 *
 * Pure but for what it remembers: the times of the last beginnings. O(1) a call.
 */
export class StormBreaker {
  readonly #maxPerMinute: number
  readonly #begun = new Ring<number>()

  constructor(maxPerMinute: number) {
    this.#maxPerMinute = maxPerMinute
  }

  /** When the next may begin, in ms as `now` is: at or before it for at once. */
  nextAt(now: number): number {
    for (let first = this.#begun.peek(); first !== undefined && first + MINUTE_MS <= now; first = this.#begun.peek()) {
      this.#begun.shift()
    }
    return this.#begun.size < this.#maxPerMinute ? now : this.#begun.peek()! + MINUTE_MS
  }

  /** One begins now. */
  begun(now: number): void {
    this.#begun.push(now)
  }
}
