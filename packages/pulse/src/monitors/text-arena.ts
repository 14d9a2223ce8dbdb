const CHUNK_BITS = 20
const CHUNK_BYTES = 1 << CHUNK_BITS
const OFFSET_MASK = CHUNK_BYTES - 1
/** Addresses are 32 bits. */
const MAX_ARENA_BYTES = 2 ** 32
const LAST_ASCII = 127
const [LARGE_A, LARGE_Z, TO_SMALL] = [65, 90, 32]

/**
 * Many short texts as UTF-8, one behind the other, each at an address of 32 bits.
 *
 * A text takes its bytes and nothing more: no object, no header. Nothing moves, and nothing is given back before the whole arena is.
 */
export class TextArena {
  readonly #chunks: Buffer[] = []
  #end = 0

  /** Bytes taken, with what is left unused at the ends of chunks. */
  get bytes(): number {
    return this.#end
  }

  /**
   * Keeps `text` and gives its address. @throws {RangeError} if it is longer than a chunk of 1 MiB, or the arena is full.
   */
  add(text: Uint8Array): number {
    if (text.length > CHUNK_BYTES) throw new RangeError(`TextArena: ${text.length} bytes are more than a chunk has`)
    if ((this.#end & OFFSET_MASK) + text.length > CHUNK_BYTES || this.#end >>> CHUNK_BITS >= this.#chunks.length) {
      // The end of a chunk that is exactly full is the beginning of the next.
      this.#end = this.#chunks.length * CHUNK_BYTES
      if (this.#end + CHUNK_BYTES > MAX_ARENA_BYTES) throw new RangeError('TextArena: it is full')
      this.#chunks.push(Buffer.allocUnsafeSlow(CHUNK_BYTES))
    }
    const address = this.#end
    this.#chunks.at(-1)!.set(text, address & OFFSET_MASK)
    this.#end += text.length
    return address
  }

  /** The bytes of a text; a view, which nobody may change. */
  bytesAt(address: number, length: number): Uint8Array {
    const from = address & OFFSET_MASK
    return this.#chunkOf(address).subarray(from, from + length)
  }

  textAt(address: number, length: number): string {
    const from = address & OFFSET_MASK
    return length === 0 ? '' : this.#chunkOf(address).toString('utf8', from, from + length)
  }

  equals(address: number, text: Uint8Array): boolean {
    const from = address & OFFSET_MASK
    return this.#chunkOf(address).compare(text, 0, text.length, from, from + text.length) === 0
  }

  /**
   * Whether a text contains another, which is ASCII and in small letters, whatever the case of its own; undefined where bytes cannot tell, since it is not all ASCII.
   * PERF: a text that is only looked at is not made a string; bench/pulse/listing.bench.ts.
   */
  containsSmall(address: number, length: number, small: Uint8Array): boolean | undefined {
    const chunk = this.#chunkOf(address)
    const from = address & OFFSET_MASK
    const to = from + length
    let isContained = small.length === 0
    for (let at = from; at < to; at++) {
      if (chunk[at]! > LAST_ASCII) return undefined
      if (isContained || to - at < small.length) continue
      let matched = 0
      while (matched < small.length && smallOf(chunk[at + matched]!) === small[matched]) matched++
      isContained = matched === small.length
    }
    return isContained
  }

  #chunkOf(address: number): Buffer {
    return this.#chunks[address >>> CHUNK_BITS]!
  }
}

function smallOf(letter: number): number {
  return letter >= LARGE_A && letter <= LARGE_Z ? letter + TO_SMALL : letter
}
