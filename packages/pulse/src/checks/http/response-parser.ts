import { LineReader } from './line-reader.ts'
import { ResponseHead } from './response-head.ts'

export interface ResponseBounds {
  /** Whether the request was a HEAD: its answer has no body, whatever its head says. */
  readonly isHead: boolean
  /** Whether the body is kept. */
  readonly keepsBody: boolean
  /** A longer one is an error. */
  readonly maxBody: number
}

const Place = {
  STATUS: 0,
  HEADERS: 1,
  COUNTED: 2,
  UNTIL_CLOSE: 3,
  CHUNK_SIZE: 4,
  CHUNK: 5,
  CHUNK_END: 6,
  TRAILERS: 7,
  DONE: 8,
  BROKEN: 9,
} as const
type Place = (typeof Place)[keyof typeof Place]

const MAX_HEAD = 16_384
const MAX_CHUNK_LINE = 1024
const LONG_HEAD = `its head is longer than ${MAX_HEAD} bytes`
const GARBLED_CHUNKS = 'its body is garbled: its chunks are none'
const MAX_SIZE_DIGITS = 12
const [TAB, SPACE, SEMICOLON] = [9, 32, 59]
const NOTHING = new Uint8Array(0)

/**
 * Reads one response of HTTP/1 (RFC 9112) from pieces of any size, only as closely as a check needs it: however it is cut, it comes to the same. Its head is
 * bounded, its body too; all three forms of a body are read. Responses of 1xx are passed over.
 */
export class ResponseParser {
  readonly head = new ResponseHead()
  readonly #bounds: ResponseBounds
  readonly #line = new LineReader()
  #place: Place = Place.STATUS
  #headBytes = 0
  /** Bytes of the body, or of the chunk, that are to come. */
  #left = 0
  #bodyBytes = 0
  #body = NOTHING
  #hasMore = false

  /** Why it is none; undefined as long as it may be one. */
  fault: string | undefined
  /** Whether the head is there: status and headers. */
  hasHead = false

  constructor(bounds: ResponseBounds) {
    this.#bounds = bounds
  }

  get isDone(): boolean {
    return this.#place === Place.DONE
  }

  /** Whether anything came. */
  get hasBegun(): boolean {
    return this.#headBytes > 0 || this.#line.length > 0
  }

  /** Whether another request may be sent over the same connection: nothing is left of this one, and nobody can have taken its length for another. */
  get leavesOpen(): boolean {
    const { isPersistent, isChunked, length } = this.head
    return this.isDone && isPersistent && !this.#hasMore && !(isChunked && length >= 0)
  }

  /** What there is of the body. */
  get body(): Uint8Array {
    return this.#bounds.keepsBody ? this.#body.subarray(0, this.#bodyBytes) : NOTHING
  }

  feed(bytes: Uint8Array, count: number): void {
    let at = 0
    while (at < count && this.#place < Place.DONE) at = this.#step(bytes, at, count)
    if (at < count) this.#hasMore = true
  }

  /** The connection has ended: nothing more comes. */
  end(): void {
    if (this.#place >= Place.DONE) return
    this.head.isPersistent = false
    if (this.#place === Place.UNTIL_CLOSE) this.#place = Place.DONE
    else if (this.hasHead) this.#break('hung up in the midst of its body')
    else this.#break(this.hasBegun ? 'hung up in the midst of its head' : 'hung up before it answered')
  }

  #step(bytes: Uint8Array, from: number, to: number): number {
    switch (this.#place) {
      case Place.COUNTED:
      case Place.UNTIL_CLOSE:
      case Place.CHUNK:
        return this.#takeBody(bytes, from, to)
      case Place.CHUNK_SIZE:
      case Place.CHUNK_END:
        return this.#takeLine(bytes, from, to, MAX_CHUNK_LINE, GARBLED_CHUNKS)
      default:
        return this.#takeLine(bytes, from, to, MAX_HEAD - this.#headBytes, LONG_HEAD)
    }
  }

  #takeLine(bytes: Uint8Array, from: number, to: number, most: number, tooLong: string): number {
    const line = this.#line
    const next = line.read(bytes, from, to, most)
    const fault = this.#place === Place.STATUS ? this.head.statusLineBegins(line) : undefined
    if (fault !== undefined) this.#break(fault)
    else if (line.length > most) this.#break(tooLong)
    else if (line.isWhole) {
      if (this.#place !== Place.CHUNK_SIZE && this.#place !== Place.CHUNK_END) this.#headBytes += line.length
      const wrong = this.#lineFault(line)
      if (wrong !== undefined) this.#break(wrong)
      line.clear()
    }
    return next
  }

  /** Reads a whole line, and goes where it leads. */
  #lineFault(line: LineReader): string | undefined {
    switch (this.#place) {
      case Place.STATUS:
        this.#place = Place.HEADERS
        return this.head.statusLine(line)
      case Place.HEADERS:
        return line.isBlank ? this.#headFault() : this.head.header(line)
      case Place.CHUNK_SIZE:
        return this.#chunkFault(line)
      case Place.CHUNK_END:
        this.#place = Place.CHUNK_SIZE
        return line.isBlank ? undefined : GARBLED_CHUNKS
      default:
        if (line.isBlank) this.#place = Place.DONE
        return undefined
    }
  }

  #headFault(): string | undefined {
    const { status, isChunked, hasOtherCoding, length } = this.head
    if (status < 200 && status !== 101) {
      this.#place = Place.STATUS
      return undefined
    }
    this.hasHead = true
    const hasBody = !this.#bounds.isHead && status !== 204 && status !== 304 && status !== 101
    if (!hasBody || (length === 0 && !isChunked && !hasOtherCoding)) this.#place = Place.DONE
    else if (isChunked) this.#place = Place.CHUNK_SIZE
    else if (hasOtherCoding || length < 0) this.#place = Place.UNTIL_CLOSE
    else {
      this.#place = Place.COUNTED
      this.#left = length
      return this.#roomFault(length)
    }
    return undefined
  }

  #chunkFault({ bytes, start, end }: LineReader): string | undefined {
    let size = 0
    let at = start
    for (let digit = 0; at < end; at++) {
      digit = hexDigit(bytes[at]!)
      if (digit < 0) break
      size = size * 16 + digit
    }
    const after = at < end ? bytes[at]! : SPACE
    const isShaped =
      at > start && at - start <= MAX_SIZE_DIGITS && (after === SPACE || after === TAB || after === SEMICOLON)
    if (!isShaped) return GARBLED_CHUNKS
    this.#place = size === 0 ? Place.TRAILERS : Place.CHUNK
    this.#left = size
    return this.#roomFault(size)
  }

  #takeBody(bytes: Uint8Array, from: number, to: number): number {
    const isEndless = this.#place === Place.UNTIL_CLOSE
    const count = isEndless ? to - from : Math.min(this.#left, to - from)
    const fault = this.#roomFault(count)
    if (fault !== undefined) {
      this.#break(fault)
      return to
    }
    if (this.#bounds.keepsBody) this.#keep(bytes, from, count)
    this.#bodyBytes += count
    if (!isEndless) this.#left -= count
    if (!isEndless && this.#left === 0) this.#place = this.#place === Place.CHUNK ? Place.CHUNK_END : Place.DONE
    return from + count
  }

  #keep(bytes: Uint8Array, from: number, count: number): void {
    const needed = this.#bodyBytes + count
    if (this.#body.length < needed) {
      const likely = this.#place === Place.COUNTED ? this.#bodyBytes + this.#left : 2 * needed
      const body = new Uint8Array(Math.min(likely, this.#bounds.maxBody))
      body.set(this.#body.subarray(0, this.#bodyBytes))
      this.#body = body
    }
    this.#body.set(bytes.subarray(from, from + count), this.#bodyBytes)
  }

  /** What is wrong if so many bytes of body are added. */
  #roomFault(count: number): string | undefined {
    const { maxBody } = this.#bounds
    return this.#bodyBytes + count > maxBody ? `its body is longer than ${maxBody} bytes` : undefined
  }

  #break(fault: string): void {
    this.fault = fault
    this.#place = Place.BROKEN
  }
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}
