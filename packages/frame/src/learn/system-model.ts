import { Ewma } from '@millrace/kernel/learn/ewma'
import { Quantile } from '@millrace/kernel/learn/quantile'
import { Regression } from '@millrace/kernel/learn/regression'

/** Samples before the residual is known well enough to be believed, and before outliers are clipped. */
const SETTLED_AFTER = 8
/** What a job may take, as a multiple of what is expected, while the residual is not known. */
const UNSETTLED = 1.25
/** A time counts as at most so many times the expected one: it may be the collector's, or another program's. */
const CLIP = 3
/** A residual counts as at most so much: a machine that slept within a job is none of the job's. */
const MOST_RESIDUAL = 10
/** A longer time is not a job's, but a debugger's, or that of a machine that slept. */
const PAUSE_MS = 1000
/** Samples in which the residual is estimated anew; until it has half of them, the last window's counts too. */
const WINDOW = 256
/** A sample is at least so many ticks of the clock long, or is believed to be; or of so many jobs, which are tiny then. */
const SAMPLE_TICKS = 4
const SAMPLE_JOBS = 512
/** The least cost told apart, in ms. */
const LEAST_MS = 1e-5
/** The greatest, and the greatest multiple of the first feature: far from where a product is infinite. */
const MOST_MS = 1e9
const MOST_RATIO = 1e12
/** The constant feature, small beside the other one: a cost is taken for proportional until samples say otherwise. */
const BASE = 0.2
const FORGETTING = 0.9

/**
 * What the jobs of one system cost, in ms.
 *
 * With a feature, such as the number of entities, the cost is a line over it, by recursive least squares, in which errors weigh
 * in proportion to the cost; without, an exponentially weighted average. Above that lies the residual: the 95th percentile of
 * actual by expected cost, by P², restarted every 256 samples, so that what was long ago does not stay.
 *
 * A clock's tick is no residual: a time counts as shorter by one. `predict` and `observe` are O(1) and make no object.
 */
export class SystemModel {
  /** What was predicted last: the expected cost, and the one that 95 of 100 jobs keep to. */
  expectedMs: number
  highMs: number
  readonly #tickMs: number
  readonly #average = new Ewma({ alpha: 0.1 })
  readonly #line: Regression | undefined
  readonly #row = new Float64Array(3)
  /** The first feature above 0, by which all others are scaled. */
  #scale = 0
  /** Samples that the line has heard. */
  #lineCount = 0
  readonly #residual = new Quantile({ quantile: 0.95 })
  #lastResidual = 1
  #count = 0
  /** Jobs too short for the clock to tell, until they make a sample together. */
  #pooledMs = 0
  #pooledFeature = 0
  #pooledJobs = 0

  /** @param priorMs what a job is believed to cost before any was measured */
  constructor(priorMs: number, tickMs: number, featured: boolean) {
    this.expectedMs = Math.max(priorMs, LEAST_MS)
    this.highMs = this.expectedMs
    this.#tickMs = tickMs
    if (featured) this.#line = new Regression({ dimension: 2, forgetting: FORGETTING })
  }

  /** Samples observed. */
  get count(): number {
    return this.#count
  }

  /** Predicts a job of `feature`: see `expectedMs` and `highMs`. Without a feature there is nothing to be called for. */
  predict(feature: number): void {
    if (this.#line === undefined || this.#lineCount === 0) return
    this.#fill(feature)
    this.#tell(this.#line.predict(this.#row) / this.#weightOf(feature))
  }

  /** Learns that `jobs` of `feature` took `ms` together. A time that is no number is ignored. */
  observe(feature: number, ms: number, jobs = 1): void {
    if (!(ms >= 0)) return
    this.#pooledMs += ms
    this.#pooledFeature += feature * jobs
    this.#pooledJobs += jobs
    // When a sample ends is foreseen: one that ended with the tick that made it long enough would always seem too long.
    const leastMs = SAMPLE_TICKS * this.#tickMs
    const isLong = this.expectedMs * this.#pooledJobs >= leastMs || this.#pooledMs >= 2 * leastMs
    if (!isLong && this.#pooledJobs < SAMPLE_JOBS) return
    this.#learn(this.#pooledFeature / this.#pooledJobs, this.#pooledMs / this.#pooledJobs, this.#pooledJobs)
    this.#pooledMs = 0
    this.#pooledFeature = 0
    this.#pooledJobs = 0
  }

  #learn(feature: number, ms: number, jobs: number): void {
    this.predict(feature)
    const tickMs = this.#tickMs / jobs
    const expected = this.expectedMs
    if (ms > PAUSE_MS) return
    // The first run is compiled as it goes: one that takes longer than was believed says nothing of the next.
    if (this.#count === 0 && ms > expected) {
      this.#count++
      return
    }
    const settled = this.#count >= SETTLED_AFTER
    const heard = settled ? Math.min(ms, expected * CLIP + 2 * tickMs) : ms
    if (this.#count > 1) this.#observeResidual(Math.max(0, ms - tickMs) / expected)
    this.#count++
    if (this.#line === undefined) this.#average.observe(heard)
    else this.#observeLine(this.#line, feature, heard)
    this.#show(feature)
  }

  #observeLine(line: Regression, feature: number, ms: number): void {
    if (this.#scale === 0) this.#scale = feature
    this.#lineCount++
    this.#fill(feature)
    this.#row[2] = ms * this.#weightOf(feature)
    line.observe(this.#row)
  }

  #show(feature: number): void {
    if (this.#line === undefined) this.#tell(this.#average.value)
    else this.predict(feature)
  }

  #tell(expectedMs: number): void {
    // What is no number, as of a clock that jumped out of sight, must not keep a system from ever running.
    this.expectedMs = expectedMs > LEAST_MS ? Math.min(expectedMs, MOST_MS) : LEAST_MS
    this.highMs = this.expectedMs * this.#spread()
  }

  #fill(feature: number): void {
    const weight = this.#weightOf(feature)
    this.#row[0] = BASE * weight
    this.#row[1] = this.#ratioOf(feature) * weight
  }

  /** Errors are in proportion to the cost, and that to the feature. */
  #weightOf(feature: number): number {
    return 1 / (BASE + this.#ratioOf(feature))
  }

  /** Before there was a feature above 0 there is nothing to compare one with: the constant one stands for all. */
  #ratioOf(feature: number): number {
    return this.#scale === 0 ? 0 : Math.min(feature / this.#scale, MOST_RATIO)
  }

  #observeResidual(ratio: number): void {
    if (this.#residual.count >= WINDOW) {
      this.#lastResidual = this.#residual.value
      this.#residual.reset()
    }
    this.#residual.observe(Math.min(ratio, MOST_RESIDUAL))
  }

  #spread(): number {
    if (this.#count <= SETTLED_AFTER) return UNSETTLED
    const { count } = this.#residual
    if (count >= WINDOW / 2) return Math.max(1, this.#residual.value)
    return Math.max(1, this.#lastResidual, count < SETTLED_AFTER ? 1 : this.#residual.value)
  }
}
