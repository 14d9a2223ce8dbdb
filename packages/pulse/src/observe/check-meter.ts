import type { Clock } from '@millrace/kernel/clock'
import { Verdict } from '../checks/check.ts'
import type { Percentiles, PulseMetrics } from '../pulse.ts'
import { RecentValues } from './recent-values.ts'

/** Counts checks, and how late they were. Who decides about checks writes here. */
export class CheckMeter {
  started = 0
  passed = 0
  failed = 0
  warned = 0
  faults = 0
  fenced = 0
  recovered = 0
  skipped = 0
  readonly #lateness: RecentValues
  readonly #latency: RecentValues

  constructor(clock: Clock) {
    this.#lateness = new RecentValues(clock)
    this.#latency = new RecentValues(clock)
  }

  begun(lateMs: number): void {
    this.started++
    this.#lateness.record(lateMs)
  }

  ended(verdict: Verdict, latencyMs: number): void {
    if (verdict === Verdict.PASS) {
      this.passed++
      this.#latency.record(latencyMs)
    } else if (verdict === Verdict.FAIL) this.failed++
    else if (verdict === Verdict.WARN) this.warned++
    else this.faults++
  }

  get latenessMs(): Percentiles {
    return this.#lateness.percentiles
  }

  get latencyMs(): Percentiles {
    return this.#latency.percentiles
  }

  counts(underWay: number, waiting: number): PulseMetrics['checks'] {
    const { started, passed, failed, warned, faults, fenced, recovered, skipped } = this
    return { started, passed, failed, warned, faults, fenced, recovered, skipped, underWay, waiting }
  }
}
