/** Seconds that are remembered. */
const SECONDS = 600

/**
 * Counts of the last ten minutes, second by second: how many, and how many of them failed.
 *
 * O(1) and without allocation to count; to ask is O(seconds asked for).
 */
export class Recent {
  readonly #total = new Float64Array(SECONDS)
  readonly #failed = new Float64Array(SECONDS)
  #second = Number.NEGATIVE_INFINITY
  #first = Number.NEGATIVE_INFINITY

  add(now: number, total: number, failed = 0): void {
    const second = this.#moveTo(now)
    this.#total[second % SECONDS]! += total
    this.#failed[second % SECONDS]! += failed
  }

  /** What was counted in the `seconds` up to now, the current one with them. */
  sum(now: number, seconds: number): { readonly total: number; readonly failed: number } {
    const last = this.#moveTo(now)
    let total = 0
    let failed = 0
    for (let second = last; second > last - seconds; second--) {
      const at = ((second % SECONDS) + SECONDS) % SECONDS
      total += this.#total[at]!
      failed += this.#failed[at]!
    }
    return { total, failed }
  }

  /** Per second, over the last `seconds` that are over, or as many as there were. */
  perSecond(now: number, seconds: number): number {
    const last = this.#moveTo(now)
    const span = Math.min(seconds, last - this.#first)
    if (span < 1) return this.#total[last % SECONDS]!
    const { total } = this.sum(now, span + 1)
    return (total - this.#total[last % SECONDS]!) / span
  }

  #moveTo(now: number): number {
    const second = Math.max(this.#second, Math.floor(now / 1000) + SECONDS)
    if (this.#first === Number.NEGATIVE_INFINITY) {
      this.#first = second
      this.#second = second
    }
    for (let next = Math.max(this.#second + 1, second - SECONDS + 1); next <= second; next++) {
      this.#total[next % SECONDS] = 0
      this.#failed[next % SECONDS] = 0
    }
    this.#second = second
    return second
  }
}
