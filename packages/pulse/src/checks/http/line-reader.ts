const [LINE_FEED, CARRIAGE_RETURN, SPACE, TAB] = [10, 13, 32, 9]
const NOTHING = new Uint8Array(0)

/**
 * Lines of bytes that come in pieces. A line that is whole within a piece is read where it lies; what is cut is gathered in memory of its own, never more than is
 * allowed. It ends with a line feed, before which a carriage return may stand.
 */
export class LineReader {
  #held = NOTHING
  #heldCount = 0
  #length = 0

  /** Where the line is: from `start` to `end`, without its ending; as far as it is there. */
  bytes: Uint8Array = this.#held
  start = 0
  end = 0
  isWhole = false

  /** Bytes of the line, its ending included. */
  get length(): number {
    return this.#length
  }

  get isBlank(): boolean {
    return this.start === this.end
  }

  /** Goes on with a line. If it has more than `most` bytes, it is read no further, and `length` is greater than that. @returns where it stopped. */
  read(bytes: Uint8Array, from: number, to: number, most: number): number {
    const stop = Math.min(to, from + most - this.#heldCount + 1)
    let at = from
    while (at < stop && bytes[at] !== LINE_FEED) at++
    this.isWhole = at < stop
    const next = this.isWhole ? at + 1 : at
    this.#length = this.#heldCount + next - from
    if (this.isWhole && this.#heldCount === 0) {
      this.bytes = bytes
      this.start = from
      this.end = at
    } else {
      this.#hold(bytes, from, at)
      this.bytes = this.#held
      this.start = 0
      this.end = this.#heldCount
    }
    if (this.isWhole && this.end > this.start && this.bytes[this.end - 1] === CARRIAGE_RETURN) this.end--
    return next
  }

  /** The line has been read. */
  clear(): void {
    this.#heldCount = 0
    this.#length = 0
  }

  /** Whether an ASCII text in small letters stands at `at`, in letters of any size. */
  is(text: string, at: number): boolean {
    for (let index = 0; index < text.length; index++) {
      const code = this.bytes[at + index]!
      const small = code >= 65 && code <= 90 ? code | 32 : code
      if (small !== text.charCodeAt(index)) return false
    }
    return true
  }

  /** ISO 8859-1, without blanks around it. */
  text(from: number, to: number): string {
    let [first, last] = [from, to]
    while (first < last && isSpace(this.bytes[first]!)) first++
    while (last > first && isSpace(this.bytes[last - 1]!)) last--
    let text = ''
    for (let at = first; at < last; at++) text += String.fromCharCode(this.bytes[at]!)
    return text
  }

  #hold(bytes: Uint8Array, from: number, to: number): void {
    const needed = this.#heldCount + to - from
    if (needed > this.#held.length) {
      const held = new Uint8Array(Math.max(256, needed * 2))
      held.set(this.#held.subarray(0, this.#heldCount))
      this.#held = held
    }
    this.#held.set(bytes.subarray(from, to), this.#heldCount)
    this.#heldCount = needed
  }
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB
}
