import { Ewma } from './ewma.ts'
import { Quantile } from './quantile.ts'
import { isRecord } from './record.ts'
import { Regression } from './regression.ts'

/** A cost believed in advance: `baseMs + msPerUnit × size`. */
export interface Prior {
  /** What every item costs, in ms, above 0. */
  readonly baseMs: number
  /** What each unit of size (KB, rows, points) adds, in ms, above 0. */
  readonly msPerUnit: number
}

/** Samples before the fit may take over from the scale, and before outliers are clipped. */
const SETTLED_AFTER = 8
/** A time counts as at most this many times the expected one: an outlier then moves the prediction by a few percent. */
const CLIP = 3
/** The same as {@link offBy} has it. */
const MAX_OFF = (CLIP - 1) / (CLIP + 1)
/** Samples weigh by how far their cost is below the usual one, up to this. */
const MAX_WEIGHT = 10
/** The least time told apart, in ms: clocks are no finer, and a cost of 0 cannot be a multiple of any. */
const LEAST_MS = 1e-3
/** The least share of the scale that base and slope keep, so that every cost is above 0 and grows with size. */
const LEAST_SHARE = 0.01
/** The bounds of a prior handed on, and of the scale: far from where a product is 0 or infinite. */
const LEAST_PRIOR = 1e-9
const LEAST_SCALE = 1e-99
const GREATEST = 1e99

/** The weight of the newest sample in the scale, and in what tells which predictor has been nearer. */
const ALPHA = 0.05
const RECENT = { alpha: ALPHA }
/** Forgetting stops where a coefficient would be no surer than after some fifty samples. */
const FIT = { dimension: 2, initial: [1, 1], maxVariance: 0.02 }
const HIGH = { quantile: 0.95 }

/**
 * The costs of one key, as multiples of a prior.
 *
 * Two predictors run side by side. The scale is one factor on the whole prior: a geometric mean, which a few samples
 * settle and one outlier hardly moves. The fit has a factor for the base and one for the slope, and needs more samples.
 * Whichever has been nearer of late answers.
 */
export class KeyModel {
  readonly #prior: Prior
  #scale = 1
  #fit: Regression
  /** By how much the fit has been farther off than the scale. */
  #excess: Ewma
  #high: Quantile
  /** What the fit is to learn: two features and the cost. */
  readonly #row = new Float64Array(3)

  /** A model that expects the prior, as if one sample had said so. */
  constructor(prior: Prior) {
    this.#prior = prior
    this.#fit = new Regression(FIT)
    this.#excess = new Ewma(RECENT)
    this.#high = new Quantile(HIGH)
  }

  /** What it believes now, as the prior of a model for a key that is new. */
  get belief(): Prior {
    const fits = this.#trustsFit()
    return {
      baseMs: clamp(this.#prior.baseMs * (fits ? this.#factor(0) : this.#scale), LEAST_PRIOR, GREATEST),
      msPerUnit: clamp(this.#prior.msPerUnit * (fits ? this.#factor(1) : this.#scale), LEAST_PRIOR, GREATEST),
    }
  }

  /** Samples observed. */
  get count(): number {
    return this.#excess.count
  }

  /**
   * Learns from a sample, its size and its time in ms.
   * PERF: in an array, for as arguments of a call too long to be inlined both would be allocated;
   * bench/kernel/cost-model.bench.ts.
   */
  observe(sample: Float64Array): void {
    const { baseMs, msPerUnit } = this.#prior
    const size = sample[0]!
    const actual = Math.max(sample[1]!, LEAST_MS)
    const scaled = this.#scale * (baseMs + msPerUnit * size)
    const fitted = this.#fitted(size)
    if (!Number.isFinite(actual + scaled + fitted)) return
    const expected = this.#trustsFit() ? fitted : scaled
    const settled = this.count >= SETTLED_AFTER
    if (settled) this.#high.observe(actual / expected)
    const off = offBy(scaled, actual)
    this.#excess.observe(Math.abs(offBy(fitted, actual)) - Math.abs(off))

    // Errors are in proportion to the cost, so that of a cheap item must weigh as much as that of a dear one.
    const weight = this.#scale / clamp(fitted, scaled / MAX_WEIGHT, scaled * MAX_WEIGHT)
    this.#row[0] = weight * baseMs
    this.#row[1] = weight * msPerUnit * size
    this.#row[2] = weight * (settled ? Math.min(actual, expected * CLIP) : actual)
    this.#fit.observe(this.#row)

    // The prior counts as the first sample.
    const share = Math.max(ALPHA, 1 / (this.count + 1))
    const step = settled ? nearPower(off, share) : (actual / scaled) ** share
    this.#scale = clamp(this.#scale * step, LEAST_SCALE, GREATEST)
  }

  predict(size: number): number {
    return this.#trustsFit() ? this.#fitted(size) : this.#scale * (this.#prior.baseMs + this.#prior.msPerUnit * size)
  }

  predictHigh(size: number): number {
    return this.predict(size) * Math.max(1, this.#high.count < SETTLED_AFTER ? CLIP : this.#high.value)
  }

  toJSON(): Record<string, unknown> {
    return {
      prior: this.#prior,
      scale: this.#scale,
      fit: this.#fit.toJSON(),
      excess: this.#excess.toJSON(),
      high: this.#high.toJSON(),
    }
  }

  /**
   * The model that `toJSON` described, or undefined when `json` is something else; a corrupt part of it starts fresh.
   */
  static from(json: unknown): KeyModel | undefined {
    if (!isRecord(json) || !isRecord(json.prior)) return undefined
    const { baseMs, msPerUnit } = json.prior
    if (!isPositive(baseMs) || !isPositive(msPerUnit)) return undefined
    const model = new KeyModel({ baseMs, msPerUnit })
    if (isPositive(json.scale)) model.#scale = json.scale
    model.#fit = Regression.from(json.fit, FIT)
    model.#excess = Ewma.from(json.excess, RECENT)
    model.#high = Quantile.from(json.high, HIGH)
    return model
  }

  #trustsFit(): boolean {
    return this.count >= SETTLED_AFTER && this.#excess.value <= 0
  }

  #fitted(size: number): number {
    return this.#factor(0) * this.#prior.baseMs + this.#factor(1) * this.#prior.msPerUnit * size
  }

  #factor(index: 0 | 1): number {
    return Math.max(LEAST_SHARE * this.#scale, this.#fit.coefficients[index]!)
  }
}

/** How far a prediction was off: 0 is a hit; towards 1 it was too low, towards -1 too high, as much for as many times. */
function offBy(predicted: number, actual: number): number {
  return (actual - predicted) / (actual + predicted)
}

/**
 * `(actual / predicted) ** share` for a small share, by how far off the prediction was, clipped.
 * PERF: log(a / p) ≈ 2 (a - p) / (a + p), and exp(x) ≈ 1 + x + x² / 2; bench/kernel/cost-model.bench.ts.
 */
function nearPower(off: number, share: number): number {
  const exponent = 2 * share * clamp(off, -MAX_OFF, MAX_OFF)
  return 1 + exponent + (exponent * exponent) / 2
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(value, max))
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= Number.MAX_VALUE
}
