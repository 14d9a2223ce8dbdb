/**
 * Uniform numbers above 0 and below 1, the same for the same seed on every machine: for simulations, trials and tests, and for nothing that must not be guessed.
 *
 * They repeat after 2³² of them. O(1), allocates nothing. mulberry32: T. Ettinger, 2017.
 * @param seed Its lowest 32 bits count.
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
}

/**
 * Normally distributed numbers of mean 0 and variance 1, each from two of `random`: G. Box, M. Muller, A note on the generation of random normal deviates, 1958.
 * @param random Gives numbers above 0, as {@link seededRandom} does.
 */
export function normalFrom(random: () => number): () => number {
  return () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
}
