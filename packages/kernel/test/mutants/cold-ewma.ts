/** Starts from 0, as if that had been observed: the first samples hardly count. */
export class ColdEwma {
  readonly #alpha: number
  value = 0
  count = 0

  constructor(alpha: number) {
    this.#alpha = alpha
  }

  observe(sample: number): void {
    this.count++
    this.value += (sample - this.value) * this.#alpha
  }

  toJSON(): number[] {
    return [this.value, this.count]
  }
}
