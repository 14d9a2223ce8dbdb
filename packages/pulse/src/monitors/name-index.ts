const EMPTY = 0
const GONE = -1
const SMALLEST = 64
/** Past this share of places taken, by what is there and by what was, the table grows. */
const MAX_LOAD = 0.5

/** FNV-1a, 32 bits: spreads names over the places of an index, and monitors over their interval. */
export function hashOf(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
  // The low bits of FNV know little of the last byte.
  hash ^= hash >>> 16
  return Math.imul(hash, 0x85ebca6b) >>> 0
}

/**
 * Numbers by name, where the names are kept elsewhere: open addressing with linear probing, 8 to 16 bytes a name, no object.
 *
 * O(1) a call on average.
 */
export class NameIndex {
  /** A number and 1, {@link EMPTY}, or {@link GONE}. */
  #places = new Int32Array(SMALLEST)
  #size = 0
  #taken = 0
  readonly #isNamed: (number: number, name: Uint8Array, hash: number) => boolean
  readonly #hashOf: (number: number) => number

  /** @param isNamed is whether a number has this name, which has this hash. @param hashOf is the hash of the name of a number. */
  constructor(isNamed: (number: number, name: Uint8Array, hash: number) => boolean, hash: (number: number) => number) {
    this.#isNamed = isNamed
    this.#hashOf = hash
  }

  get size(): number {
    return this.#size
  }

  /** The number with this name, or -1. */
  find(name: Uint8Array, hash: number): number {
    const places = this.#places
    const mask = places.length - 1
    for (let at = hash & mask; places[at] !== EMPTY; at = (at + 1) & mask) {
      const number = places[at]! - 1
      if (number >= 0 && this.#isNamed(number, name, hash)) return number
    }
    return -1
  }

  /** Makes room for so many more at once, so that those that are there are put in their places once. */
  reserve(more: number): void {
    if ((this.#taken + more) / this.#places.length > MAX_LOAD) this.#rebuild(more)
  }

  /** Adds a number whose name is not there. */
  add(number: number, hash: number): void {
    if ((this.#taken + 1) / this.#places.length > MAX_LOAD) this.#rebuild(1)
    this.#put(number, hash)
    this.#size++
    this.#taken++
  }

  remove(number: number, hash: number): void {
    const mask = this.#places.length - 1
    for (let at = hash & mask; this.#places[at] !== EMPTY; at = (at + 1) & mask) {
      if (this.#places[at] !== number + 1) continue
      this.#places[at] = GONE
      this.#size--
      return
    }
  }

  #put(number: number, hash: number): void {
    const mask = this.#places.length - 1
    let at = hash & mask
    while (this.#places[at] !== EMPTY) at = (at + 1) & mask
    this.#places[at] = number + 1
  }

  #rebuild(more: number): void {
    const before = this.#places
    let length = SMALLEST
    // One more may be the first of many, and what was reserved is all there is.
    while ((this.#size + more) / length > (more === 1 ? MAX_LOAD / 2 : MAX_LOAD)) length *= 2
    this.#places = new Int32Array(length)
    this.#taken = this.#size
    for (const place of before) if (place > 0) this.#put(place - 1, this.#hashOf(place - 1))
  }
}
