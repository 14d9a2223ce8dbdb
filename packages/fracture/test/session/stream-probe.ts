import type { FractureResult, FractureStream, StreamResult } from '../../src/index.ts'

/** A stream, what was pushed, and all that came of it. */
export class StreamProbe {
  readonly stream: FractureStream
  readonly faults: string[] = []
  readonly #idOf: (result: FractureResult) => number
  /** By number: which polygon it was, or undefined for what is none. */
  readonly #pushed: (number | undefined)[] = []
  readonly #ended = new Set<number>()
  #isReading = false
  /** `done`, or what the iteration threw. */
  end: unknown
  isGivenUp = false

  constructor(stream: FractureStream, idOf: (result: FractureResult) => number, listens: boolean) {
    this.stream = stream
    this.#idOf = idOf
    if (listens) stream.resultsReady.subscribe((chunk) => this.#take(chunk))
  }

  push(id: number | undefined, polygon: readonly number[]): void {
    if (this.stream.push(polygon)) this.#pushed.push(id)
  }

  /** For `onError`. */
  failed(index: number): void {
    this.#note(index)
  }

  /** Reads to the end, from now on. */
  async read(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    try {
      for await (const chunk of this.stream) this.#take(chunk)
      this.end = 'done'
    } catch (error) {
      this.end = error ?? 'nothing'
    }
  }

  /** Says what is wrong with what came of it. */
  check(): readonly string[] {
    const { size } = this.#ended
    if (this.end === undefined) this.faults.push('the iteration has not ended')
    if (this.end === 'done' && !this.isGivenUp && size !== this.#pushed.length) {
      this.faults.push(`${size} ends of ${this.#pushed.length}`)
    }
    if (this.stream.pending > 0 && !this.isGivenUp) this.faults.push(`${this.stream.pending} pending`)
    return this.faults
  }

  #take(chunk: readonly StreamResult[]): void {
    if (chunk.length === 0) this.faults.push('an empty chunk')
    for (const { index, result } of chunk) {
      this.#note(index)
      if (this.#idOf(result) !== this.#pushed[index]) this.faults.push(`${index} has another's result`)
    }
  }

  #note(index: number): void {
    if (this.#ended.has(index) || index >= this.#pushed.length) this.faults.push(`${index} ended twice, or is none`)
    this.#ended.add(index)
  }
}
