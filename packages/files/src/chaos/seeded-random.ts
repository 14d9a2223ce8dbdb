/** Uniform numbers from 0 to 1, exclusive, the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
}

/** So many of the items, chosen by chance and kept in their order; all of them where there are no more. */
export function chooseSome<T>(items: readonly T[], count: number, random: () => number): T[] {
  const chosen: T[] = []
  for (const [index, item] of items.entries()) {
    // Selection sampling: each set of that size is as likely as any other (Knuth, TAOCP 2, 3.4.2, algorithm S).
    if (random() * (items.length - index) < count - chosen.length) chosen.push(item)
  }
  return chosen
}
