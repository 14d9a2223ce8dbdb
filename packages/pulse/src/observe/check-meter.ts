import { Histogram } from '@millrace/kernel/observe/histogram'
import { Verdict } from '../checks/check.ts'
import type { Percentiles, PulseMetrics } from '../pulse.ts'

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
  readonly #lateness = new Histogram({ lowest: 0.01, highest: 3_600_000 })
  readonly #latency = new Histogram({ lowest: 0.01, highest: 3_600_000 })

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
    return percentilesOf(this.#lateness)
  }

  get latencyMs(): Percentiles {
    return percentilesOf(this.#latency)
  }

  counts(underWay: number, waiting: number): PulseMetrics['checks'] {
    const { started, passed, failed, warned, faults, fenced, recovered, skipped } = this
    return { started, passed, failed, warned, faults, fenced, recovered, skipped, underWay, waiting }
  }
}

export function percentilesOf(histogram: Histogram): Percentiles {
  return {
    count: histogram.count,
    p50: histogram.percentile(50),
    p90: histogram.percentile(90),
    p99: histogram.percentile(99),
    max: histogram.max,
  }
}
