/** Time over which the rate is taken, ms. */
const WINDOW_MS = 5000

/** How many a second, over about the last five, from a count that only ever grows. O(1) a sample, and memory for those of five seconds. */
export class CheckRate {
  #samples: { readonly count: number; readonly ms: number }[] = []

  /** Takes a sample, and gives the rate. */
  sample(count: number, ms: number): number {
    this.#samples.push({ count, ms })
    while (this.#samples.length > 2 && this.#samples[1]!.ms <= ms - WINDOW_MS) this.#samples.shift()
    const first = this.#samples[0]!
    return ms > first.ms ? ((count - first.count) / (ms - first.ms)) * 1000 : 0
  }
}
