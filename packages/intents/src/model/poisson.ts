import { checkNumber } from '@millrace/kernel/options'

/** Terms that are this much smaller than the largest one are left out: all of them together are below what a double tells apart. */
const NEGLIGIBLE = 1e-22

/**
 * How many arrive in a time in which `mean` do on average, when each comes on its own: P(X = k) = meanᵏ e⁻ᵐᵉᵃⁿ / k!
 *
 * The terms are taken one from the other, outwards from the largest, and then made to sum up to 1: no power and no factorial is ever formed, so
 * that it is as good for a mean of a million as for one of 20. O(√mean), once.
 */
export class Poisson {
  readonly mean: number
  /** The least number that is worth a term. */
  readonly least: number
  readonly #probabilities: Float64Array
  /** `#atMost[k - least]` is P(X ≤ k). */
  readonly #atMost: Float64Array

  /** @throws {MillraceError} `OPTION_INVALID` unless `mean` is from 0 to 10¹². */
  constructor(mean: number) {
    this.mean = checkNumber('Poisson', 'mean', mean, { min: 0, max: 1e12 })
    const mode = Math.floor(mean)
    const below: number[] = []
    for (let k = mode, term = 1; k > 0 && term > NEGLIGIBLE; k--) {
      term *= k / mean
      below.push(term)
    }
    const above: number[] = []
    for (let k = mode + 1, term = mean / k; term > NEGLIGIBLE; k++, term *= mean / k) above.push(term)
    this.least = mode - below.length
    const terms = Float64Array.from([...below.reverse(), 1, ...above])
    const sum = sumOf(terms)
    let atMost = 0
    this.#probabilities = terms.map((term) => term / sum)
    this.#atMost = this.#probabilities.map((probability) => {
      atMost += probability
      return Math.min(1, atMost)
    })
  }

  /** The greatest number that is worth a term. */
  get most(): number {
    return this.least + this.#probabilities.length - 1
  }

  /** P(X = k). */
  probability(k: number): number {
    return this.#probabilities[k - this.least] ?? 0
  }

  /** P(X ≤ k). */
  atMost(k: number): number {
    return k < this.least ? 0 : (this.#atMost[k - this.least] ?? 1)
  }

  /** P(X ≥ k). */
  atLeast(k: number): number {
    return 1 - this.atMost(k - 1)
  }

  /** The mean of X where more than `most` count as `most`: E[min(X, most)]. */
  meanUpTo(most: number): number {
    return most <= 0 ? 0 : this.mean * this.atMost(most - 2) + most * this.atLeast(most)
  }

  /** The least k with P(X ≤ k) ≥ `share`, which is from 0 to 1. */
  quantile(share: number): number {
    let low = this.least
    let high = this.most
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      if (this.atMost(middle) >= share) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** From the ends inwards, so that small terms are not lost to large ones. */
function sumOf(terms: Float64Array): number {
  let sum = 0
  for (const term of terms.toSorted()) sum += term
  return sum
}
