/** Forgets in all directions, the textbook way: where no sample comes from, the covariance grows for ever. */
export class WindingRegression {
  readonly #forgetting: number
  readonly #coefficients = new Float64Array(2)
  #covariance = [10, 0, 0, 10] as [number, number, number, number]

  constructor({ forgetting }: { forgetting: number }) {
    this.#forgetting = forgetting
  }

  get trace(): number {
    return this.#covariance[0] + this.#covariance[3]
  }

  get coefficients(): Float64Array {
    return this.#coefficients
  }

  predict(features: Float64Array): number {
    return this.#coefficients[0]! * features[0]! + this.#coefficients[1]! * features[1]!
  }

  observe(sample: Float64Array): void {
    const [a, b, c, d] = this.#covariance
    const [f, g] = [sample[0]!, sample[1]!]
    const [first, second] = [a * f + b * g, c * f + d * g]
    const scale = this.#forgetting + first * f + second * g
    const gain = (sample[2]! - this.predict(sample)) / scale
    this.#coefficients[0]! += gain * first
    this.#coefficients[1]! += gain * second
    this.#covariance = [
      (a - (first * first) / scale) / this.#forgetting,
      (b - (first * second) / scale) / this.#forgetting,
      (c - (second * first) / scale) / this.#forgetting,
      (d - (second * second) / scale) / this.#forgetting,
    ]
  }

  toJSON(): number[] {
    return [...this.#coefficients, ...this.#covariance]
  }
}
