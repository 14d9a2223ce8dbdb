/** One mean a key, of time by size: a single bad sample stays in it for good. */
export class PoisonedMean {
  readonly #sums = new Map<string, { ms: number; size: number }>()

  observe(key: string, size: number, ms: number): void {
    const sum = this.#sums.get(key) ?? { ms: 0, size: 0 }
    this.#sums.set(key, { ms: sum.ms + ms, size: sum.size + size })
  }

  predict(key: string, size: number): number {
    const sum = this.#sums.get(key)
    return sum === undefined ? 0 : (sum.ms / sum.size) * size
  }

  predictHigh(key: string, size: number): number {
    return this.predict(key, size)
  }
}
