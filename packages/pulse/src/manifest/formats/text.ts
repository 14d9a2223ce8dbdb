import { MAX_ITEM_BYTES } from './piece.ts'

const strict = new TextDecoder('utf-8', { fatal: true })
const NEWLINE = 10

/** Bytes as text, without the mark that some editors put in front; undefined if they are not UTF-8. */
export function decode(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

/** Of bytes that are not UTF-8 the first line that is not, from 1. */
export function lineNotText(bytes: Uint8Array): number {
  let line = 1
  let start = 0
  while (start < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, start)
    const end = newline === -1 ? bytes.length : newline
    if (decode(bytes.subarray(start, end)) === undefined) return line
    start = end + 1
    line++
  }
  return 1
}

/** Line breaks of a text before `end`. */
export function countLines(text: string, end = text.length): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count++
  return count
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  return Buffer.concat(parts)
}

/**
 * Cuts a stream after line breaks: whole lines, many at once; of a line that is too long only that it is there, `undefined`. Holds what it is given, and a line of at most
 * 1 MiB.
 */
export async function* linesOf(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array | undefined> {
  let held: Uint8Array[] = []
  let bytes = 0
  let isSkipping = false
  for await (const chunk of source) {
    let rest = chunk
    if (isSkipping || bytes + rest.length > MAX_ITEM_BYTES) {
      const newline = rest.indexOf(NEWLINE)
      if (!isSkipping && (newline === -1 ? bytes + rest.length : bytes + newline) > MAX_ITEM_BYTES) {
        yield undefined
        isSkipping = true
        held = []
        bytes = 0
      }
      if (isSkipping) {
        if (newline === -1) continue
        isSkipping = false
        rest = rest.subarray(newline + 1)
      }
    }
    const end = rest.lastIndexOf(NEWLINE) + 1
    if (end > 0) {
      yield concat([...held, rest.subarray(0, end)])
      held = []
      bytes = 0
      rest = rest.subarray(end)
    }
    if (rest.length > 0) {
      held.push(rest)
      bytes += rest.length
    }
  }
  if (bytes > 0) yield concat(held)
}
