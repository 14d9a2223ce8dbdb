import { Histogram } from '@millrace/kernel/observe/histogram'

/** What a load came to. */
export interface LoadResult {
  readonly sent: number
  readonly committed: number
  /** By code, most first. */
  readonly failed: Readonly<Record<string, number>>
  /** Not sent, because too many had not ended. */
  readonly withheld: number
  /** Sent, and not ended. */
  readonly unanswered: number
  readonly seconds: number
  /** Committed a second. */
  readonly rate: number
  /** From the moment each was to be sent until it was committed, ms. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number }
}

/** Counts how intents end. */
export class LoadTally {
  sent = 0
  withheld = 0
  #committed = 0
  #failures = 0
  readonly #failed = new Map<string, number>()
  readonly #latency = new Histogram({ lowest: 0.01, highest: 1e6 })

  /** Sent, and not ended. */
  get unanswered(): number {
    return this.sent - this.#committed - this.#failures
  }

  ended(failure: string | undefined, ms: number): void {
    if (failure === undefined) {
      this.#committed++
      this.#latency.record(Math.max(0, ms))
    } else {
      this.#failures++
      this.#failed.set(failure, (this.#failed.get(failure) ?? 0) + 1)
    }
  }

  result(seconds: number): LoadResult {
    const { sent, withheld, unanswered } = this
    const [p50 = 0, p95 = 0, p99 = 0] = [50, 95, 99].map((at) => this.#latency.percentile(at))
    return {
      sent,
      committed: this.#committed,
      failed: Object.fromEntries([...this.#failed].sort(([, one], [, other]) => other - one)),
      withheld,
      unanswered,
      seconds,
      rate: this.#committed / seconds,
      latency: { p50, p95, p99, max: this.#latency.max },
    }
  }
}
