/** Buckets of one width, 4096 of them: small values all fall into the first. */
export class LinearHistogram {
  readonly #counts = new Float64Array(4096)
  readonly #width = 1e9 / 4096
  #sum = 0
  min = Number.POSITIVE_INFINITY
  max = Number.NEGATIVE_INFINITY
  count = 0

  get mean(): number {
    return this.#sum / this.count
  }

  record(value: number): void {
    this.#counts[Math.min(4095, Math.floor(value / this.#width))]!++
    this.count++
    this.#sum += value
    this.min = Math.min(this.min, value)
    this.max = Math.max(this.max, value)
  }

  percentile(p: number): number {
    let bucket = 0
    for (let seen = this.#counts[0]!; seen < (p / 100) * this.count; seen += this.#counts[bucket]!) bucket++
    return Math.min(this.max, Math.max(this.min, (bucket + 0.5) * this.#width))
  }
}
