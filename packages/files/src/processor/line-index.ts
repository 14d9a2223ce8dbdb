/**
 * The lines of a text: a line feed ends one, so CRLF does too, and the last counts without.
 *
 * One index serves one text after another; its table is kept and only ever grows. O(text) to index, O(log lines) to look up.
 */
export class LineIndex {
  #starts = new Uint32Array(1024)
  #count = 0

  /** Lines of the text, 0 for an empty one. */
  get count(): number {
    return this.#count
  }

  index(text: string): void {
    let count = 0
    for (let start = 0; start < text.length; ) {
      if (count === this.#starts.length) this.#grow()
      this.#starts[count++] = start
      const feed = text.indexOf('\n', start)
      if (feed === -1) break
      start = feed + 1
    }
    this.#count = count
  }

  /** The line, from 1, in which `offset` stands; an offset behind the last line feed stands in the last line. */
  at(offset: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#starts[middle]! <= offset) low = middle + 1
      else high = middle
    }
    return Math.max(low, 1)
  }

  #grow(): void {
    const grown = new Uint32Array(this.#starts.length * 2)
    grown.set(this.#starts)
    this.#starts = grown
  }
}
