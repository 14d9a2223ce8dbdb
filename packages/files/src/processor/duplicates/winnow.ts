/** A place in a text by which an equal place elsewhere is found. */
export interface Fingerprint {
  /** Of the tokens from here on; 53 bits. */
  readonly hash: number
  /** The first token of the place, counted from 0. */
  readonly token: number
}

const BASE_LOW = 0x01000193
const BASE_HIGH = 0x85ebca6b

/**
 * Selects fingerprints of a row of tokens, each of `gram` tokens: of every `window` neighbouring ones the least, the last of equal ones. Two rows that
 * have `gram + window - 1` tokens in common, one behind the other, have a fingerprint in common; shorter than `gram`, none. O(tokens), one fingerprint in
 * about `window / 2`.
 *
 * Winnowing: S. Schleimer, D. S. Wilkerson, A. Aiken, Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003.
 * @param tokens A hash of 32 bits for each.
 */
export function winnow(tokens: Int32Array, gram: number, window: number): Fingerprint[] {
  const hashes = gramHashes(tokens, gram)
  const selected: Fingerprint[] = []
  // The window's candidates, hashes ascending: the first is the least.
  const candidates: number[] = []
  let head = 0
  let last = -1
  for (let at = 0; at < hashes.length; at++) {
    while (candidates.length > head && hashes[candidates.at(-1)!]! >= hashes[at]!) candidates.pop()
    candidates.push(at)
    if (candidates[head]! <= at - window) head++
    const least = candidates[head]!
    // A text with fewer grams than a window has one window, which ends with it.
    const isFull = at >= window - 1 || at === hashes.length - 1
    if (isFull && least !== last) {
      selected.push({ hash: hashes[least]!, token: least })
      last = least
    }
  }
  return selected
}

/** The hash of each `gram` neighbouring tokens: two polynomials of 32 bits that roll, of which 53 bits are kept. */
function gramHashes(tokens: Int32Array, gram: number): Float64Array {
  const count = Math.max(0, tokens.length - gram + 1)
  const hashes = new Float64Array(count)
  const [topLow, topHigh] = [power(BASE_LOW, gram - 1), power(BASE_HIGH, gram - 1)]
  let low = 0
  let high = 0
  for (let at = 0; at < tokens.length; at++) {
    if (at >= gram) {
      low = (low - Math.imul(tokens[at - gram]!, topLow)) | 0
      high = (high - Math.imul(tokens[at - gram]!, topHigh)) | 0
    }
    low = (Math.imul(low, BASE_LOW) + tokens[at]!) | 0
    high = (Math.imul(high, BASE_HIGH) + tokens[at]!) | 0
    if (at >= gram - 1) hashes[at - gram + 1] = (scatter(high) & 0x1fffff) * 0x1_0000_0000 + (scatter(low) >>> 0)
  }
  return hashes
}

/** Spreads what differs in few bits over all of them (MurmurHash3's last step): the least of neighbours must be any of them alike. */
function scatter(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

function power(base: number, exponent: number): number {
  let result = 1
  for (let i = 0; i < exponent; i++) result = Math.imul(result, base)
  return result
}
