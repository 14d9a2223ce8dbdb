import { Ring } from '@millrace/kernel/queue/ring'
import type { Entry } from './entry.ts'

/**
 * Knows which entry has waited longest, wherever it waits.
 *
 * Entries that wait no more are passed over, and never make up more than half of what is kept: amortised O(1).
 */
export class AgeLine {
  #line = new Ring<Entry>()
  /** At which length it is swept next. */
  #sweepAt = 64

  push(entry: Entry): void {
    if (this.#line.size >= this.#sweepAt) this.#sweep()
    this.#line.push(entry)
  }

  /** The entry that waits longest, or undefined when none waits. */
  oldest(): Entry | undefined {
    for (let entry = this.#line.peek(); entry !== undefined; entry = this.#line.peek()) {
      if (entry.isWaiting) return entry
      this.#line.shift()
    }
    return undefined
  }

  #sweep(): void {
    const waiting = new Ring<Entry>()
    for (let entry = this.#line.shift(); entry !== undefined; entry = this.#line.shift()) {
      if (entry.isWaiting) waiting.push(entry)
    }
    this.#line = waiting
    this.#sweepAt = Math.max(64, 2 * waiting.size)
  }
}
