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
/** Samples weigh by how far their cost is below the usual one, up to this. */
const MAX_WEIGHT = 10
/** The least time told apart, in ms: clocks are no finer, and a logarithm needs it. */
const LEAST_MS = 1e-3
/** The least share of the scale that base and slope keep, so that every cost is above 0 and grows with size. */
const LEAST_SHARE = 0.01
/** The bounds of a prior handed on. */
const LEAST_PRIOR = 1e-9
const GREATEST_PRIOR = 1e99

const SCALE = { alpha: 0.05 }
/** Forgetting stops where a coefficient would be no surer than after some fifty samples. */
const FIT = { dimension: 2, initial: [1, 1], maxVariance: 0.02 }
const HIGH = { quantile: 0.95 }

/**
 * The costs of one key, as multiples of a prior.
 *
 * Two predictors run side by side. The scale is one factor on the whole prior: a mean of logarithms, which a few
 * samples settle and one outlier hardly moves. The fit has a factor for the base and one for the slope, and needs more
 * samples. Whichever has been nearer of late answers.
 */
export class KeyModel {
  readonly #prior: Prior
  #logScale: Ewma
  /** The exponential of that mean, kept because it is asked for more often than it changes. */
  #scale = 1
  #fit: Regression
  #scaleMiss: Ewma
  #fitMiss: Ewma
  #high: Quantile
  readonly #features = new Float64Array(2)

  /** A model that expects the prior, as if one sample had said so. */
  constructor(prior: Prior) {
    this.#prior = prior
    this.#logScale = Ewma.from([0, 1], SCALE)
    this.#fit = new Regression(FIT)
    this.#scaleMiss = new Ewma(SCALE)
    this.#fitMiss = new Ewma(SCALE)
    this.#high = new Quantile(HIGH)
  }

  /** What it believes now, as the prior of a model for a key that is new. */
  get belief(): Prior {
    const fits = this.#trustsFit()
    return {
      baseMs: clamp(this.#prior.baseMs * (fits ? this.#factor(0) : this.#scale), LEAST_PRIOR, GREATEST_PRIOR),
      msPerUnit: clamp(this.#prior.msPerUnit * (fits ? this.#factor(1) : this.#scale), LEAST_PRIOR, GREATEST_PRIOR),
    }
  }

  /** Samples observed. */
  get count(): number {
    return this.#scaleMiss.count
  }

  observe(size: number, ms: number): void {
    const { baseMs, msPerUnit } = this.#prior
    const prior = baseMs + msPerUnit * size
    if (prior === Number.POSITIVE_INFINITY) return
    const actual = Math.max(ms, LEAST_MS)
    const scaled = this.#scale * prior
    const fitted = this.#fitted(size)
    const expected = this.#trustsFit() ? fitted : scaled
    const settled = this.#scaleMiss.count >= SETTLED_AFTER
    if (settled) this.#high.observe(actual / expected)
    this.#scaleMiss.observe(miss(scaled, actual))
    this.#fitMiss.observe(miss(fitted, actual))

    // Errors are in proportion to the cost, so that of a cheap item must weigh as much as that of a dear one.
    const weight = this.#scale / clamp(fitted, scaled / MAX_WEIGHT, scaled * MAX_WEIGHT)
    this.#features[0] = weight * baseMs
    this.#features[1] = weight * msPerUnit * size
    this.#fit.observe(this.#features, weight * (settled ? Math.min(actual, expected * CLIP) : actual))

    this.#logScale.observe(Math.log((settled ? clamp(actual, scaled / CLIP, scaled * CLIP) : actual) / prior))
    this.#scale = Math.exp(this.#logScale.value)
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
      logScale: this.#logScale.toJSON(),
      fit: this.#fit.toJSON(),
      scaleMiss: this.#scaleMiss.toJSON(),
      fitMiss: this.#fitMiss.toJSON(),
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
    const logScale = Ewma.from(json.logScale, SCALE)
    const scale = Math.exp(logScale.value)
    if (isPositive(scale)) {
      model.#logScale = logScale
      model.#scale = scale
    }
    model.#fit = Regression.from(json.fit, FIT)
    model.#scaleMiss = Ewma.from(json.scaleMiss, SCALE)
    model.#fitMiss = Ewma.from(json.fitMiss, SCALE)
    model.#high = Quantile.from(json.high, HIGH)
    return model
  }

  #trustsFit(): boolean {
    return this.#fitMiss.count >= SETTLED_AFTER && this.#fitMiss.value <= this.#scaleMiss.value
  }

  #fitted(size: number): number {
    return this.#factor(0) * this.#prior.baseMs + this.#factor(1) * this.#prior.msPerUnit * size
  }

  #factor(index: 0 | 1): number {
    return Math.max(LEAST_SHARE * this.#scale, this.#fit.coefficients[index]!)
  }
}

/** How many times too high or too low a prediction was, clipped: 1 is a hit. */
function miss(predicted: number, actual: number): number {
  return Math.min(CLIP, predicted > actual ? predicted / actual : actual / predicted)
}

function clamp(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(value, max))
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= Number.MAX_VALUE
}
