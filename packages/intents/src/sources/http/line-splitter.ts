const NEWLINE = 10

/** A line of a stream: its bytes without the end, or `undefined` where they are more than is allowed. */
export interface Line {
  /** Counted from 1, empty ones included. */
  readonly number: number
  readonly bytes: Uint8Array | undefined
}

/** Cuts a stream of bytes into lines. Holds one line at most, and none that is longer than is allowed: it is counted, and passed over. */
export class LineSplitter {
  readonly #maxBytes: number
  #number = 0
  #parts: Uint8Array[] = []
  #held = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The lines that end in a chunk. It may be used again only when they have been. */
  *push(chunk: Uint8Array): Generator<Line, void, undefined> {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      this.#hold(chunk.subarray(from, end))
      from = end + 1
      yield this.#take()
    }
    this.#hold(chunk.subarray(from))
  }

  /** The last line, where the stream does not end in a newline. */
  *end(): Generator<Line, void, undefined> {
    if (this.#held > 0) yield this.#take()
  }

  #hold(part: Uint8Array): void {
    this.#held += part.byteLength
    if (this.#held > this.#maxBytes) this.#parts.length = 0
    else if (part.byteLength > 0) this.#parts.push(part)
  }

  #take(): Line {
    const [first, ...others] = this.#parts
    const isOver = this.#held > this.#maxBytes
    const bytes = isOver ? undefined : others.length === 0 ? (first ?? new Uint8Array()) : Buffer.concat(this.#parts)
    this.#parts = []
    this.#held = 0
    this.#number++
    return { number: this.#number, bytes }
  }
}
