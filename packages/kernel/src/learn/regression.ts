import { checkInteger, checkNumber } from '../options.ts'

/** What a {@link Regression} fits and how fast it forgets. */
export interface RegressionOptions {
  /** Number of features, 1 to 8; give a constant 1 as a feature to have an intercept. */
  readonly dimension: number
  /**
   * Weight of a sample relative to the next one, above 0 and at most 1: about `1 / (1 - forgetting)` are remembered.
   * @default 0.99
   */
  readonly forgetting?: number
  /** Coefficients believed before the first sample, one a feature. @default zeros */
  readonly initial?: readonly number[]
  /** How little those are believed: one sample counts this many times as much. Above 0. @default 10 */
  readonly initialVariance?: number
  /** How little forgetting may leave them believed, at most `initialVariance` and above 0. @default initialVariance */
  readonly maxVariance?: number
}

/**
 * Fits `y ≈ coefficients · features` to a stream, remembering no samples.
 *
 * Forgets evenly until that would leave the covariance above its bound, as it does when the features stop varying; then
 * only in the direction of each sample, so that nothing winds up and what no sample speaks of is kept. `observe` is
 * O(dimension²) and allocates nothing; a sample that is not finite is ignored.
 *
 * Recursive least squares with exponential forgetting; the directional kind is that of Kulhavý, "Restricted exponential
 * forgetting in real-time identification", Automatica 23(5), 1987.
 */
export class Regression {
  readonly #dimension: number
  readonly #forgetting: number
  readonly #initialVariance: number
  readonly #maxTrace: number
  readonly #coefficients: Float64Array
  /** Row by row; symmetric. */
  readonly #covariance: Float64Array
  /** Covariance × features, of the sample at hand. */
  readonly #direction: Float64Array

  constructor(options: RegressionOptions) {
    const dimension = checkInteger('Regression', 'dimension', options.dimension, { min: 1, max: 8 })
    this.#dimension = dimension
    this.#forgetting = checkNumber('Regression', 'forgetting', options.forgetting ?? 0.99, { above: 0, max: 1 })
    this.#initialVariance = checkNumber('Regression', 'initialVariance', options.initialVariance ?? 10, { above: 0 })
    this.#maxTrace =
      dimension *
      checkNumber('Regression', 'maxVariance', options.maxVariance ?? this.#initialVariance, {
        above: 0,
        max: this.#initialVariance,
      })
    this.#coefficients = new Float64Array(dimension)
    if (options.initial !== undefined) {
      checkInteger('Regression', 'initial.length', options.initial.length, { min: dimension, max: dimension })
      options.initial.forEach((value, index) => {
        this.#coefficients[index] = checkNumber('Regression', `initial[${index}]`, value)
      })
    }
    this.#covariance = new Float64Array(dimension * dimension)
    this.#direction = new Float64Array(dimension)
    this.#resetCovariance()
  }

  /** The sum of the covariance's diagonal: how unsure the fit is. Never above `dimension × initialVariance`. */
  get trace(): number {
    let sum = 0
    for (let row = 0; row < this.#dimension; row++) sum += this.#covariance[row * (this.#dimension + 1)]!
    return sum
  }

  /** The fitted weights, one a feature: a live view, to be read only. */
  get coefficients(): Float64Array {
    return this.#coefficients
  }

  /** The fitted `y` for `features`, of which the first `dimension` count. */
  predict(features: Float64Array): number {
    // PERF: the fields are read once, not once a feature; bench/kernel/regression.bench.ts.
    const coefficients = this.#coefficients
    const dimension = this.#dimension
    let sum = coefficients[0]! * features[0]!
    for (let index = 1; index < dimension; index++) sum += coefficients[index]! * features[index]!
    return sum
  }

  /** Learns from `sample`: the features, then `y`. */
  observe(sample: Float64Array): void {
    // PERF: one pass gives all that is to be known of the sample; bench/kernel/regression.bench.ts.
    const dimension = this.#dimension
    const covariance = this.#covariance
    const direction = this.#direction
    /** The variance of the prediction. */
    let spread = 0
    let trace = 0
    let length = 0
    for (let row = 0; row < dimension; row++) {
      let sum = 0
      for (let column = 0; column < dimension; column++) sum += covariance[row * dimension + column]! * sample[column]!
      direction[row] = sum
      spread += sum * sample[row]!
      length += sum * sum
      trace += covariance[row * (dimension + 1)]!
    }
    const residual = sample[dimension]! - this.predict(sample)
    if (!Number.isFinite(residual) || !Number.isFinite(spread)) return
    if (spread < 0) this.#resetCovariance()
    if (spread <= 0) return

    const lambda = this.#forgetting
    const even = 1 / (lambda + spread)
    if (trace - even * length <= this.#maxTrace * lambda) {
      this.#learn(residual * even, even, 1 / lambda)
    } else {
      const certain = 1 / (1 + spread)
      const directional = certain * (1 - (1 / lambda - 1) / spread)
      const bounded = directional >= 0 || trace - directional * length <= this.#maxTrace
      this.#learn(residual * certain, bounded ? directional : 0, 1)
    }
  }

  /** Coefficients, then the covariance row by row. */
  toJSON(): number[] {
    return [...this.#coefficients, ...this.#covariance]
  }

  /** The fit that `toJSON` described, or a fresh one when `json` is something else or of another dimension. */
  static from(json: unknown, options: RegressionOptions): Regression {
    const fit = new Regression(options)
    const { dimension } = options
    if (!Array.isArray(json) || !json.every(Number.isFinite) || json.length !== dimension * (dimension + 1)) return fit
    fit.#covariance.set(json.slice(dimension))
    if (fit.#isSound()) fit.#coefficients.set(json.slice(0, dimension))
    else fit.#resetCovariance()
    return fit
  }

  /**
   * Moves the coefficients along the direction by `gain`, and makes the covariance `grow × (P - shrink × direction ×
   * directionᵀ)`.
   */
  #learn(gain: number, shrink: number, grow: number): void {
    const dimension = this.#dimension
    const covariance = this.#covariance
    const direction = this.#direction
    const coefficients = this.#coefficients
    for (let row = 0; row < dimension; row++) {
      const along = direction[row]!
      coefficients[row]! += gain * along
      for (let column = row; column < dimension; column++) {
        const value = (covariance[row * dimension + column]! - shrink * along * direction[column]!) * grow
        covariance[row * dimension + column] = value
        covariance[column * dimension + row] = value
      }
    }
  }

  #isSound(): boolean {
    const dimension = this.#dimension
    for (let row = 0; row < dimension; row++) {
      if (!(this.#covariance[row * dimension + row]! > 0)) return false
      for (let column = 0; column < row; column++) {
        const value = this.#covariance[row * dimension + column]!
        const product = this.#covariance[row * dimension + row]! * this.#covariance[column * dimension + column]!
        if (value !== this.#covariance[column * dimension + row] || value * value > product) return false
      }
    }
    return this.trace <= dimension * this.#initialVariance
  }

  #resetCovariance(): void {
    this.#covariance.fill(0)
    for (let row = 0; row < this.#dimension; row++) {
      this.#covariance[row * (this.#dimension + 1)] = this.#initialVariance
    }
  }
}
