/**
 * Random numbers that are the same for the same seed, on every engine: all of it is arithmetic on integers of 32 bits.
 *
 * The generator is sfc32 of Chris Doty-Humphrey's PractRand (period 2^32 at least, 2^127 on average), its state filled by splitmix32 (Steele, Lea and Flood, Fast
 * splittable pseudorandom number generators, 2014, with the finaliser of MurmurHash3), so that seeds side by side have nothing in common.
 */
export class RandomSource {
  #a: number
  #b: number
  #c: number
  #counter = 1

  /** @param seed Its lowest 32 bits count. */
  constructor(seed: number) {
    this.#a = splitmix(seed + GOLDEN)
    this.#b = splitmix(seed + 2 * GOLDEN)
    this.#c = splitmix(seed + 3 * GOLDEN)
    // The author's number of rounds until every bit of the state has reached every other.
    for (let round = 0; round < 12; round++) this.next()
  }

  /** From 0 to below 1, in steps of 2^-32. */
  next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return (result >>> 0) / 2 ** 32
  }

  /** From `-reach` to below `reach`. */
  within(reach: number): number {
    return (2 * this.next() - 1) * reach
  }
}

const GOLDEN = 0x9e3779b9

function splitmix(state: number): number {
  let mixed = state | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
