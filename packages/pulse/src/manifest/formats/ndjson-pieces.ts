import { type Items, NOT_TEXT, type Piece, TOO_LARGE } from './piece.ts'
import { countLines, decode, lineNotText, linesOf } from './text.ts'

/**
 * A manifest of lines, each a JSON document: `{"monitor": {…}}` or a monitor itself, and before the first of these `{"endpoints": {…}}` and
 * `{"notification_groups": {…}}`, in one line or in many. Empty lines are nothing. Which line is which is for the reader to see.
 */
export async function* ndjsonPieces(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Piece> {
  let line = 1
  for await (const bytes of linesOf(source)) {
    const text = bytes === undefined ? undefined : decode(bytes)
    if (text !== undefined) {
      const piece = lines(text, line)
      // Behind the last line break is nothing yet.
      line += piece.texts.length - 1
      yield piece
    } else if (bytes === undefined) {
      yield { kind: 'broken', line, message: TOO_LARGE }
      line++
    } else {
      yield* eachLine(bytes, line)
      line += countLines(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'))
    }
  }
}

/** Of bytes of which some are no text the lines that are. */
function* eachLine(bytes: Uint8Array, first: number): Generator<Piece> {
  let rest = bytes
  let line = first
  while (rest.length > 0) {
    const bad = lineNotText(rest)
    let end = 0
    for (let skipped = 1; skipped < bad; skipped++) end = rest.indexOf(10, end) + 1
    if (end > 0) yield lines(decode(rest.subarray(0, end))!, line)
    yield { kind: 'broken', line: line + bad - 1, message: NOT_TEXT }
    const newline = rest.indexOf(10, end)
    rest = newline === -1 ? rest.subarray(rest.length) : rest.subarray(newline + 1)
    line += bad
    const text = decode(rest)
    if (text === undefined) continue
    yield lines(text, line)
    return
  }
}

function lines(text: string, first: number): Items {
  const texts = text.split('\n')
  const numbers = new Uint32Array(texts.length)
  for (let index = 0; index < texts.length; index++) numbers[index] = first + index
  return { kind: 'items', texts, lines: numbers, lineOf: (index) => numbers[index]! }
}
