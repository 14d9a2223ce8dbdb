import { FieldLines, pathOf } from './field-line.ts'
import { jsonFault } from './json-fault.ts'
import { JsonScanner } from './json-scanner.ts'
import { type BrokenPiece, type Definitions, type Items, NOT_TEXT, type Piece, TOO_LARGE } from './piece.ts'
import { concat, decode } from './text.ts'

/** So many monitors go together. */
const ITEMS = 512

/**
 * A manifest of one JSON document: a mapping with `monitors`, or a list of monitors. Monitors are given as they are met. What stands beside them comes
 * first in a document of at most `maxWholeBytes`; in a larger one, only what stands before them does.
 */
export async function* jsonPieces(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxWholeBytes: number,
): AsyncGenerator<Piece> {
  let gathered = new Gathered()
  let pieces: Piece[] = []
  let bytes = 0
  let hasList = false
  let isEmpty = true
  /** What stands before the monitors, as it is where their list begins: whatever comes behind them may end anywhere in a chunk. */
  let before: Uint8Array | undefined
  /** Names of what has been given. */
  const given = new Set<string>()
  const flush = () => {
    if (gathered.texts.length === 0) return
    isEmpty = false
    pieces.push(gathered.piece)
    gathered = new Gathered()
  }
  const scanner = new JsonScanner({
    onList: () => {
      if (!hasList) before = scanner.outer
      hasList = true
    },
    onItem: (parts, line) => {
      const text = parts === undefined ? undefined : decode(concat(parts))
      if (text === undefined) {
        flush()
        pieces.push({ kind: 'broken', line, message: parts === undefined ? TOO_LARGE : NOT_TEXT })
        return
      }
      gathered.texts.push(text)
      gathered.lines.push(line)
      if (gathered.texts.length >= ITEMS) flush()
    },
  })
  for await (const chunk of source) {
    scanner.scan(chunk)
    bytes += chunk.length
    if (bytes <= maxWholeBytes || !hasList) continue
    // Too large to wait for its end.
    if (given.size === 0) {
      const early = definitionsOf(before, '}', given)
      if (early?.kind === 'definitions') yield early
      given.add('monitors')
    }
    flush()
    yield* pieces
    pieces = []
  }
  flush()
  const late = scanner.isWhole ? definitionsOf(scanner.outer, '', given) : brokenOff(bytes)
  if (late !== undefined) yield late
  // A list with nothing in it is a list.
  if (hasList && isEmpty) yield new Gathered().piece
  yield* pieces
}

class Gathered {
  readonly texts: string[] = []
  readonly lines: number[] = []

  get piece(): Items {
    const { texts, lines } = this
    const lineOf = (index: number, field: string) =>
      lines[index]! - 1 + new FieldLines(texts[index]!).lineOf(pathOf(field))
    return { kind: 'items', texts, lines, lineOf }
  }
}

/** @param end closes what the list of monitors stands in. @param given is what was there before, and gets what is there now. */
function definitionsOf(
  bytes: Uint8Array | undefined,
  end: string,
  given: Set<string>,
): Definitions | BrokenPiece | undefined {
  if (bytes === undefined) return { kind: 'broken', line: 1, message: 'is too large beside its monitors' }
  const written = decode(bytes)
  if (written === undefined) return { kind: 'broken', line: 1, message: NOT_TEXT }
  const text = end === '' || written.trimStart().startsWith('[') ? written : `${written.trimEnd()}]${end}`
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { kind: 'broken', ...jsonFault(error, text) }
  }
  if (Array.isArray(value)) return undefined
  if (typeof value !== 'object' || value === null) {
    return { kind: 'broken', line: 1, message: 'is not a manifest: write a mapping with monitors' }
  }
  const { monitors, ...rest } = value as Record<string, unknown>
  if (monitors !== undefined && !Array.isArray(monitors))
    return { kind: 'broken', line: 1, message: 'has monitors that are no list: use [ and ]' }
  for (const name of given) delete rest[name]
  if (given.size > 0 && Object.keys(rest).length === 0) return undefined
  for (const name of Object.keys(rest)) given.add(name)
  const lines = new FieldLines(text)
  return { kind: 'definitions', value: rest, lineOf: (field) => lines.lineOf(pathOf(field)) }
}

function brokenOff(bytes: number): BrokenPiece | undefined {
  if (bytes === 0) return undefined
  return { kind: 'broken', line: 0, message: 'ends in the midst of its document: a bracket or a quote is missing' }
}
