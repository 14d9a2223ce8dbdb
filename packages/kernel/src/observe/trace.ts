import { MillraceError } from '../errors.ts'
import { checkInteger } from '../options.ts'

/** The size and the tracks of a {@link Trace}. */
export interface TraceOptions {
  /** Most spans and counter values held at once, at least 0; 24 bytes each from the start, up to the next power of two. */
  readonly spans: number
  /** What the tracks are called, at most 255 of them; {@link Trace.span} takes their index. */
  readonly tracks: readonly string[]
}

/** Takes a span that is held. */
export type SpanVisitor = (track: number, name: number, startMs: number, endMs: number, count: number) => void

/** Takes a counter's value that is held. */
export type CounterVisitor = (name: number, atMs: number, value: number) => void

/** Stands where a track would for a counter's value, which is on none. */
const NO_TRACK = 0xff
/** Names have the lower 24 bits of a word, and a `Map` no room for more of them. */
const NAMES = 2 ** 24
/** As far as a `Date` goes. */
const LATEST_MS = 8.64e15

/**
 * Holds the last spans of time, and values of counters, in a ring of typed arrays.
 *
 * What is written when the ring is full takes the place of the oldest, which {@link Trace.dropped} counts. Writing is
 * O(1) and allocates nothing, reading allocates nothing. Times are in milliseconds, of any one clock.
 */
export class Trace {
  // PERF: a field that is of its type from the start is read without a check of it; bench/kernel/trace.bench.ts.

  /** What the tracks are called. */
  readonly tracks: readonly string[] = []
  /** Most spans and counter values held at once. */
  readonly capacity: number = 0

  /** Start and end, in turns; of a counter's value, its time and the value. */
  readonly #times = new Float64Array()
  /** Track and name in one word, and the count, in turns. */
  readonly #words = new Uint32Array()
  readonly #texts: string[] = []
  readonly #names = new Map<string, number>()
  /** There is room for a power of two, so that the nth has its place at `n & mask`. */
  readonly #mask: number = 0
  #written = 0
  /** What `#written` was at the last `clear()`. */
  #cleared = 0
  #skipped = 0

  constructor(options: TraceOptions) {
    const spans = checkInteger('Trace', 'spans', options.spans, { min: 0, max: 2 ** 27 })
    checkInteger('Trace', 'tracks.length', options.tracks.length, { max: NO_TRACK })
    this.tracks = [...options.tracks]
    this.capacity = spans
    const room = 2 ** Math.ceil(Math.log2(Math.max(1, spans)))
    this.#mask = room - 1
    this.#times = new Float64Array(2 * room)
    this.#words = new Uint32Array(2 * room)
  }

  /** Spans and counter values held. */
  get size(): number {
    return Math.min(this.#written - this.#cleared, this.capacity)
  }

  /** All that were ever written: the cursor from which {@link Trace.readFrom} gives what comes from now on. */
  get written(): number {
    return this.#written
  }

  /** Those that newer ones took the place of, since the last `clear()`. */
  get dropped(): number {
    return this.#written - this.#cleared - this.size
  }

  /** Those that were refused since the last `clear()`. */
  get skipped(): number {
    return this.#skipped
  }

  /** The number that stands for `text` in this trace, always the same. It is kept for good: not for texts without end. */
  name(text: string): number {
    let name = this.#names.get(text)
    if (name === undefined) {
      name = this.#texts.push(text) - 1
      this.#names.set(text, name)
    }
    return name
  }

  /**
   * The text for which {@link Trace.name} gave `name`.
   * @throws {MillraceError} `OPTION_INVALID` when it gave no such number.
   */
  textOf(name: number): string {
    return this.#texts[name] ?? refuse('name', name)
  }

  /**
   * Writes that `track`, an index of {@link Trace.tracks}, was at `name` from `startMs` to `endMs`, with `count` things,
   * a 32-bit unsigned integer.
   *
   * A span that does not end after its start, or begins before 0, or ends after what a `Date` can be, is skipped, which
   * {@link Trace.skipped} counts.
   * PERF: called once a job, so two arrays rather than five columns, each of which would be looked up and its bounds
   * checked; bench/kernel/trace.bench.ts.
   * @throws {MillraceError} `OPTION_INVALID` when there is no such track or name.
   */
  span(track: number, name: number, startMs: number, endMs: number, count = 1): void {
    if (!(track >= 0 && track < this.tracks.length)) refuse('track', track)
    if (!(name >= 0 && name < this.#texts.length)) refuse('name', name)
    if (!(startMs < endMs && startMs >= 0 && endMs <= LATEST_MS)) this.#skipped++
    else this.#write(track, name, startMs, endMs, count)
  }

  /**
   * Writes that the number called `name` is `value` from `atMs` on.
   *
   * It is skipped when `value` is not finite, or `atMs` before 0 or after what a `Date` can be.
   * @throws {MillraceError} `OPTION_INVALID` when there is no such name.
   */
  counter(name: number, atMs: number, value: number): void {
    if (!(name >= 0 && name < this.#texts.length)) refuse('name', name)
    if (!(atMs >= 0 && atMs <= LATEST_MS && Number.isFinite(value))) this.#skipped++
    else this.#write(NO_TRACK, name, atMs, value, 0)
  }

  /**
   * Gives what was written since `cursor`, an earlier result of this or of {@link Trace.written}, in the order it was
   * written, and returns the cursor for the next time. What is no longer held is passed over. Nothing may be written
   * meanwhile.
   */
  readFrom(cursor: number, onSpan: SpanVisitor, onCounter?: CounterVisitor): number {
    const written = this.#written
    for (let nth = Math.max(cursor, written - this.size); nth < written; nth++) {
      const at = 2 * (nth & this.#mask)
      const start = this.#times[at]!
      const end = this.#times[at + 1]!
      const word = this.#words[at]!
      const track = Math.trunc(word / NAMES)
      const name = word % NAMES
      if (track !== NO_TRACK) onSpan(track, name, start, end, this.#words[at + 1]!)
      else onCounter?.(name, start, end)
    }
    return written
  }

  /** Forgets what is held, dropped and skipped; names and cursors stay good. */
  clear(): void {
    this.#cleared = this.#written
    this.#skipped = 0
  }

  /**
   * What is held, as bytes: the same for two traces exactly when both hold the same, by its texts and in its order,
   * whatever else they held before. O(size), allocates.
   */
  toBytes(): Uint8Array {
    const texts = new Map<string, number>()
    const numberOf = (text: string) => {
      if (!texts.has(text)) texts.set(text, texts.size)
      return texts.get(text)!
    }
    const numbers = [this.size]
    this.readFrom(
      0,
      (track, name, startMs, endMs, count) =>
        numbers.push(numberOf(this.tracks[track]!), numberOf(this.textOf(name)), startMs, endMs, count),
      (name, atMs, value) => numbers.push(-1, numberOf(this.textOf(name)), atMs, value, 0),
    )
    for (const text of texts.keys()) {
      numbers.push(text.length)
      for (let unit = 0; unit < text.length; unit++) numbers.push(text.charCodeAt(unit))
    }
    return new Uint8Array(Float64Array.from(numbers).buffer)
  }

  #write(track: number, name: number, start: number, end: number, count: number): void {
    const at = 2 * (this.#written++ & this.#mask)
    const times = this.#times
    times[at] = start
    times[at + 1] = end
    const words = this.#words
    words[at] = track * NAMES + name
    words[at + 1] = count
  }
}

function refuse(what: 'track' | 'name', number: number): never {
  const take = what === 'track' ? 'an index of its tracks' : 'a number that name() gave'
  throw new MillraceError('OPTION_INVALID', `Trace: there is no ${what} ${number}; take ${take}`, {
    detail: { owner: 'Trace', option: what, value: number },
  })
}
