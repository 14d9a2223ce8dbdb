import type { LineReader } from './line-reader.ts'

const NOT_HTTP = 'does not speak HTTP/1'
const GARBLED_HEAD = 'its head is garbled'
const GARBLED_LENGTH = 'its head does not say clearly how long its body is'
/** `HTTP/1.` */
const VERSION = [72, 84, 84, 80, 47, 49, 46]
const [TAB, SPACE, ZERO, NINE, COLON] = [9, 32, 48, 57, 58]

/** The head of a response as far as a check needs it, read line by line. What is wrong with a line is returned as the reason. */
export class ResponseHead {
  status = 0
  location: string | undefined
  /** Of the body, in small letters. */
  encoding: string | undefined
  /** As `Content-Length` says; -1 if it does not. */
  length = -1
  isChunked = false
  /** Whether the body has a transfer coding of which the end is not seen. */
  hasOtherCoding = false
  /** Whether the connection may be used again. */
  isPersistent = false

  /** What is there of the first line, whether it is whole or not. */
  statusLineBegins({ bytes, start, end }: LineReader): string | undefined {
    const count = Math.min(VERSION.length, end - start)
    for (let at = 0; at < count; at++) if (bytes[start + at] !== VERSION[at]) return NOT_HTTP
    return undefined
  }

  statusLine({ bytes, start, end }: LineReader): string | undefined {
    let status = 0
    for (let at = start + 9; at < start + 12; at++) {
      const digit = at < end ? bytes[at]! : 0
      if (!isDigit(digit)) return NOT_HTTP
      status = status * 10 + digit - ZERO
    }
    const minor = bytes[start + 7]!
    const isShaped = isDigit(minor) && bytes[start + 8] === SPACE && (end === start + 12 || bytes[start + 12] === SPACE)
    if (!isShaped || status < 100) return NOT_HTTP
    this.#clear()
    this.status = status
    this.isPersistent = minor !== ZERO
    return undefined
  }

  header(line: LineReader): string | undefined {
    const { bytes, start, end } = line
    // A header that goes on in another line: nobody sends them any more, and none that matters here is long enough.
    if (bytes[start] === SPACE || bytes[start] === TAB) return undefined
    let colon = start
    while (colon < end && bytes[colon] !== COLON) colon++
    if (colon === end || colon === start) return GARBLED_HEAD
    const value = colon + 1
    // PERF: of most headers not even the name is read; bench/pulse/probes.bench.ts
    switch (colon - start) {
      case 8:
        if (line.is('location', start)) this.location = line.text(value, end)
        return undefined
      case 10:
        if (line.is('connection', start) && /\bclose\b/i.test(line.text(value, end))) this.isPersistent = false
        return undefined
      case 14:
        return line.is('content-length', start) ? this.#lengthIs(line.text(value, end)) : undefined
      case 16:
        if (line.is('content-encoding', start)) this.encoding = line.text(value, end).toLowerCase()
        return undefined
      case 17:
        if (line.is('transfer-encoding', start)) this.#codingIs(line.text(value, end))
        return undefined
      default:
        return undefined
    }
  }

  #lengthIs(value: string): string | undefined {
    const length = /^\d{1,15}$/.test(value) ? Number(value) : -1
    if (length < 0 || (this.length >= 0 && this.length !== length)) return GARBLED_LENGTH
    this.length = length
    return undefined
  }

  #codingIs(value: string): void {
    if (/(^|,)\s*chunked$/i.test(value)) this.isChunked = true
    else this.hasOtherCoding = true
  }

  /** What an answer of 1xx said before this one. */
  #clear(): void {
    this.location = undefined
    this.encoding = undefined
    this.length = -1
    this.isChunked = false
    this.hasOtherCoding = false
  }
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE
}
