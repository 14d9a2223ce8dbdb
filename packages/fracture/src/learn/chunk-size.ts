/** The specification's constants. */
const FIRST = 10
const LEAST = 5
const MOST = 100
const STEP_DOWN = 2
const STEP_UP = 5

/**
 * How many results a frame delivers at most, and so how many come in one chunk: 10 at first, 5 to 100.
 *
 * A frame that delivers as many as it may is followed by ones that may deliver 5 more; one that delivers fewer than half as many, by ones of 2 less.
 */
export class ChunkSize {
  #value = FIRST

  get value(): number {
    return this.#value
  }

  /** Learns how many a frame has delivered; one that delivered nothing tells nothing. */
  observe(delivered: number): void {
    if (delivered <= 0) return
    if (delivered < Math.floor(this.#value / 2)) this.#value = Math.max(LEAST, this.#value - STEP_DOWN)
    else if (delivered >= this.#value) this.#value = Math.min(MOST, this.#value + STEP_UP)
  }
}
