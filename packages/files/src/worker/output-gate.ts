/** What a worker may print, told line by line, within a second. */
const MAX_LINES = 100
const MAX_BYTES = 64 * 1024
/** A longer line is cut, bytes. */
const MAX_LINE_BYTES = 4096
const WINDOW_MS = 1000
const NEWLINE = 10

/** Which of a process's streams bytes came from: each has its own line under way. */
type OutputStream = 'stdout' | 'stderr'

/**
 * Cuts what a process prints into lines and tells at most 100 of them, or 64 KB, a second; of the rest it tells the amount.
 *
 * Memory is bounded whatever is printed. What is left out is neither decoded nor searched: a flood costs reading it.
 */
export class OutputGate {
  readonly #now: () => number
  readonly #tell: (line: string) => void
  readonly #unfinished: Record<OutputStream, Buffer[]> = { stdout: [], stderr: [] }
  #windowEnd = 0
  #lines = 0
  #bytes = 0
  #leftOut = 0

  /** @param now Milliseconds, never going backwards. */
  constructor(now: () => number, tell: (line: string) => void) {
    this.#now = now
    this.#tell = tell
  }

  push(stream: OutputStream, chunk: Buffer): void {
    this.#enterWindow()
    let start = 0
    while (start < chunk.length) {
      if (this.#lines >= MAX_LINES || this.#bytes >= MAX_BYTES) {
        this.#leaveOut(stream, chunk.subarray(start))
        return
      }
      const newline = chunk.indexOf(NEWLINE, start)
      if (newline === -1) {
        this.#hold(stream, chunk.subarray(start))
        return
      }
      this.#finish(stream, chunk.subarray(start, newline))
      start = newline + 1
    }
  }

  /** Tells what is left; nothing comes after. */
  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) this.#finish(stream, Buffer.alloc(0))
    this.#tellLeftOut()
  }

  #enterWindow(): void {
    const now = this.#now()
    if (now < this.#windowEnd) return
    this.#windowEnd = now + WINDOW_MS
    this.#lines = 0
    this.#bytes = 0
    this.#tellLeftOut()
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return
    this.#tell(`(${this.#leftOut} more bytes of output were left out)`)
    this.#leftOut = 0
  }

  /** Keeps the start of a line that has not ended, up to what will be told of it. */
  #hold(stream: OutputStream, part: Buffer): void {
    const held = this.#unfinished[stream]
    const room = MAX_LINE_BYTES - lengthOf(held)
    // A copy: the rest of the chunk need not be kept for it.
    if (room > 0) held.push(Buffer.from(part.subarray(0, room)))
    this.#leftOut += Math.max(0, part.length - room)
  }

  #finish(stream: OutputStream, part: Buffer): void {
    this.#hold(stream, part)
    const line = Buffer.concat(this.#unfinished[stream]).toString()
    this.#unfinished[stream] = []
    if (line === '') return
    this.#lines++
    this.#bytes += line.length
    this.#tell(line)
  }

  /** The line under way goes too. */
  #leaveOut(stream: OutputStream, rest: Buffer): void {
    this.#leftOut += rest.length + lengthOf(this.#unfinished[stream])
    this.#unfinished[stream] = []
  }
}

function lengthOf(parts: readonly Buffer[]): number {
  let length = 0
  for (const part of parts) length += part.length
  return length
}
