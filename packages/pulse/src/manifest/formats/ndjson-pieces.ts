import { NOT_TEXT, type Piece, TOO_LARGE } from './piece.ts'
import { decode, lineNotText, linesOf } from './text.ts'

/**
 * A manifest of lines, each a JSON document: `{"monitor": {…}}` or a monitor itself, and before the first of these `{"endpoints": {…}}` and
 * `{"notification_groups": {…}}`, in one line or in many. Empty lines are nothing. Which line is which is for the reader to see.
 */
export async function* ndjsonPieces(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Piece> {
  for await (const { bytes, line } of linesOf(source)) {
    if (bytes === undefined) {
      yield { kind: 'broken', line, message: TOO_LARGE }
      continue
    }
    const text = decode(bytes)
    if (text !== undefined) yield lines(text, line)
    else yield* eachLine(bytes, line)
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

function lines(text: string, first: number): Piece {
  const texts = text.split('\n')
  const numbers = Uint32Array.from(texts, (_, index) => first + index)
  return { kind: 'items', texts, lines: numbers, lineOf: (index) => numbers[index]! }
}
