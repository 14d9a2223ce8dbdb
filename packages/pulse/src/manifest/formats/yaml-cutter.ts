import { MAX_DEFINITIONS_BYTES, MAX_ITEM_BYTES } from './piece.ts'
import { concat, linesOf } from './text.ts'

/** Lines of a document that belong together. */
export interface YamlCut {
  /** Ahead of the monitors with the line that says so, some monitors, or behind them. */
  readonly part: 'head' | 'monitors' | 'tail'
  readonly bytes: Uint8Array
  /** The line it begins on, from 1. */
  readonly line: number
  /** Where the dashes of the monitors stand. */
  readonly indent: number
}

/** A document that cannot be cut, and why. */
export class YamlUncut extends Error {
  override readonly name = 'YamlUncut'
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/** A cut has so many bytes, and what is left of the monitor at its end. */
const CUT_BYTES = 196_608
const [NEWLINE, RETURN, TAB, SPACE, HASH, DASH] = [10, 13, 9, 32, 35, 45]
const MONITORS = /^(?:monitors|"monitors"|'monitors'):[ \t]*(?:#.*)?\r?\n?$/
const MAX_HEADING = 200

const NO_MONITORS = 'has no monitors: in a large file, write monitors: at the beginning of a line, and a list below'
const NO_LIST = 'is not of a list of monitors: in a large file, write each monitor below, behind a dash of its own'
const TOO_LONG = `begins a part larger than ${MAX_DEFINITIONS_BYTES} bytes: in a large file, write a monitor as lines behind a dash`
const LONG_LINE = `is longer than ${MAX_ITEM_BYTES} bytes: write it as several`

/**
 * Cuts a document into its head, pieces of the list of monitors, and what is behind, by the indentation of lines alone.
 *
 * It is right because nothing within a monitor can begin a line where its dash stands, or before: YAML has scalars and flow collections indented more than
 * what they are in. Comments and empty lines go with what is before them. O(lines); holds one piece.
 * @throws {YamlUncut}
 */
export async function* cutYaml(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<YamlCut> {
  const state: { part: YamlCut['part'] } = { part: 'head' }
  let indent = -1
  let held: Uint8Array[] = []
  let heldBytes = 0
  /** The line that what is held begins on. */
  let heldLine = 1

  function cut(next: YamlCut['part'], line: number): YamlCut {
    const made = { part: state.part, bytes: concat(held), line: heldLine, indent }
    state.part = next
    held = []
    heldBytes = 0
    heldLine = line
    return made
  }

  let line = 1
  for await (const bytes of linesOf(source)) {
    if (bytes === undefined) throw new YamlUncut(line, LONG_LINE)
    /** What is before it has been cut. */
    let from = 0
    for (let at = 0; at < bytes.length; line++) {
      if (state.part === 'monitors' && indent >= 0) {
        const skipped = skipLines(bytes, at, indent, from + CUT_BYTES - heldBytes)
        line += skipped.lines
        at = skipped.at
        if (heldBytes + at - from > MAX_DEFINITIONS_BYTES) throw new YamlUncut(heldLine, TOO_LONG)
        if (at === bytes.length) break
      }
      const end = endOfLine(bytes, at)
      let next: YamlCut['part'] | undefined
      if (state.part === 'monitors') {
        let start = at
        while (bytes[start] === SPACE) start++
        const column = start - at
        const isItem = bytes[start] === DASH && isSpace(bytes[start + 1])
        if (isNothing(bytes[start])) next = undefined
        else if (indent === -1) {
          if (!isItem) throw new YamlUncut(line, NO_LIST)
          indent = column
        } else if (column < indent + (isItem ? 0 : 1) && bytes[start] !== TAB) next = 'tail'
        else if (column === indent && heldBytes + at - from >= CUT_BYTES) next = 'monitors'
      }
      if (next !== undefined) {
        held.push(bytes.subarray(from, at))
        from = at
        yield cut(next, line)
      }
      if (state.part === 'head' && end - at < MAX_HEADING && MONITORS.test(latin(bytes, at, end))) {
        held.push(bytes.subarray(from, end))
        from = end
        yield cut('monitors', line + 1)
      }
      if (heldBytes + end - from > MAX_DEFINITIONS_BYTES) throw new YamlUncut(heldLine, TOO_LONG)
      at = end
    }
    held.push(bytes.subarray(from))
    heldBytes += bytes.length - from
  }
  if (state.part === 'head') throw new YamlUncut(1, NO_MONITORS)
  if (heldBytes > 0) yield cut('tail', 0)
}

/**
 * Of lines within a list whose dashes stand at `indent` the next that may end a piece: one that is not of the list any more, or, from `wanted` on, one that begins a monitor.
 * PERF: an async generator would look at lines many times slower; bench/pulse/loading.bench.ts.
 */
function skipLines(
  bytes: Uint8Array,
  from: number,
  indent: number,
  wanted: number,
): { readonly at: number; readonly lines: number } {
  let at = from
  let lines = 0
  while (at < bytes.length) {
    let start = at
    while (bytes[start] === SPACE) start++
    const column = start - at
    if (column < indent && !isNothing(bytes[start])) break
    if (column === indent && (bytes[start] !== DASH || at >= wanted) && !isNothing(bytes[start])) break
    at = endOfLine(bytes, start)
    lines++
  }
  return { at, lines }
}

/**
 * Behind the line break of the line that begins at `from`.
 * PERF: lines are short, and a search for each costs more than a look at every byte; which an async generator would do many times slower; bench/pulse/loading.bench.ts.
 */
function endOfLine(bytes: Uint8Array, from: number): number {
  let end = from
  while (end < bytes.length && bytes[end] !== NEWLINE) end++
  return Math.min(end + 1, bytes.length)
}

function latin(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
}

/** Whether a line that begins so has nothing in it, or a comment. */
function isNothing(byte: number | undefined): boolean {
  return byte === undefined || byte === NEWLINE || byte === RETURN || byte === HASH
}

function isSpace(byte: number | undefined): boolean {
  return byte === undefined || byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB
}
