import type { Clock } from '@millrace/kernel/clock'
import { Histogram } from '@millrace/kernel/observe/histogram'
import type { Percentiles } from '../pulse.ts'

/** Two of them take turns, in ms. */
const TURN_MS = 60_000
const RANGE = { lowest: 0.01, highest: 3_600_000 } as const

/**
 * Durations, of which the last one to two minutes are told, and all of the first two: what was long ago says nothing of how it is. Beside, how many there were
 * in all, and their sum.
 *
 * `record` is O(1), allocates nothing, and reads the clock.
 */
export class RecentValues {
  readonly #clock: Clock
  #current = new Histogram(RANGE)
  #previous = new Histogram(RANGE)
  #turnsAt: number
  #count = 0
  #sum = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#turnsAt = clock.now() + TURN_MS
  }

  record(value: number): void {
    this.#turn()
    this.#current.record(value)
    this.#count++
    this.#sum += value
  }

  get percentiles(): Percentiles {
    this.#turn()
    const recent = new Histogram(RANGE)
    recent.merge(this.#previous)
    recent.merge(this.#current)
    return {
      count: this.#count,
      sum: this.#sum,
      p50: recent.percentile(50),
      p90: recent.percentile(90),
      p99: recent.percentile(99),
      max: recent.max,
    }
  }

  #turn(): void {
    const turns = Math.floor((this.#clock.now() - this.#turnsAt) / TURN_MS) + 1
    if (turns <= 0) return
    this.#turnsAt += turns * TURN_MS
    const over = this.#previous
    this.#previous = this.#current
    this.#current = over
    over.reset()
    if (turns > 1) this.#previous.reset()
  }
}
