import { Histogram } from '@millrace/kernel/observe/histogram'

/** A quarter of a frame: no slice of ours is to be longer. */
export const LONG_MS = 4
/** The clock of an isolated page ticks so often. */
const TICK_MS = 0.005

/** What slices of the main thread came to, in ms. Percentiles are off by 0.4 % at most, all else is exact. */
export interface SliceFigures {
  readonly count: number
  /** Longer than 4 ms. */
  readonly long: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** Records how long slices of the main thread were. */
export class Slices {
  #long = 0
  readonly #ms = new Histogram({ lowest: TICK_MS, highest: 10_000 })

  record(ms: number): void {
    this.#ms.record(ms)
    if (ms > LONG_MS) this.#long++
  }

  /** Where there were none, all is 0. */
  get figures(): SliceFigures {
    const { count } = this.#ms
    const percentile = (p: number) => (count === 0 ? 0 : this.#ms.percentile(p))
    return {
      count,
      long: this.#long,
      p50: percentile(50),
      p95: percentile(95),
      p99: percentile(99),
      max: percentile(100),
    }
  }

  reset(): void {
    this.#long = 0
    this.#ms.reset()
  }
}
