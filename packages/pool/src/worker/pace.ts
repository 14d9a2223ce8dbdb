/** Tasks that take no longer count as short. */
const SHORT_MS = 0.008
const MOST = 32
const [UNKNOWN, SHORT] = [0, 1]

/**
 * Learns which kinds of tasks are short, so that what is told of each other task is told of a whole burst of short
 * ones.
 *
 * A kind is short once one of it was, until a burst takes longer than so many short tasks would. PERF
 * (bench/pool/flood.bench.ts): the clock is read twice a burst, not twice a task.
 */
export class Pace {
  readonly #kinds: Uint8Array
  #count = 0
  #since = 0
  /** The time when it was last looked at, in milliseconds. */
  now: number = performance.now()

  /** For so many kinds, numbered from 0. */
  constructor(kinds: number) {
    this.#kinds = new Uint8Array(kinds)
  }

  /** Most tasks in a burst. */
  static get most(): number {
    return MOST
  }

  isShort(kind: number): boolean {
    return this.#kinds[kind] === SHORT
  }

  /** A task begins; returns whether it is one that nobody should have to wait for: what is due is to be told before. */
  begins(kind: number): boolean {
    const isShort = this.isShort(kind)
    if (this.#count === 0 || !isShort) {
      this.now = performance.now()
      this.#since = this.now
      this.#count = 0
    }
    return !isShort
  }

  /** It has ended; returns whether a burst has, or a task that was none: what is due is to be told now. */
  ends(kind: number): boolean {
    if (this.isShort(kind)) {
      if (++this.#count < MOST) return false
      this.#look()
      if (this.now - this.#since > MOST * SHORT_MS) this.#kinds.fill(UNKNOWN)
    } else {
      this.#look()
      if (this.now - this.#since <= SHORT_MS) this.#kinds[kind] = SHORT
    }
    this.#count = 0
    return true
  }

  /** Nothing waits: the next burst begins anew. */
  rest(): void {
    this.#count = 0
  }

  #look(): void {
    this.now = performance.now()
  }
}
