import { FieldLines, pathOf } from './field-line.ts'
import type { Piece } from './piece.ts'
import { NOT_TEXT } from './piece.ts'
import { readYaml, type YamlItems } from './read-yaml.ts'
import { concat, countLines, decode, lineNotText } from './text.ts'
import { cutYaml, type YamlCut, YamlUncut } from './yaml-cutter.ts'
import { MONITORS } from './yaml-piece-reader.ts'
import { YamlThreads, YamlTooLarge } from './yaml-threads.ts'

export interface YamlPiecesOptions {
  /** Documents up to so many bytes are read as a whole: any YAML. Larger ones are cut into pieces, which asks for a list of lines. */
  readonly maxWholeBytes: number
  /** Documents up to so many bytes are read on this thread. */
  readonly maxHereBytes: number
  readonly threads: number
  /** What a thread has for its objects, in MiB. */
  readonly maxHeapMb: number
}

/** More is not read again in front of each piece. */
const MAX_ANCHORS = 262_144

/** A manifest of YAML. Of a document read as a whole, `endpoints` may stand behind the monitors. Pieces are in the order of the document. */
export async function* yamlPieces(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: YamlPiecesOptions,
): AsyncGenerator<Piece> {
  const chunks = iterator(source)
  const begun: Uint8Array[] = []
  let bytes = 0
  let isWhole = false
  while (bytes <= options.maxWholeBytes && !isWhole) {
    const next = await chunks.next()
    if (next.done) isWhole = true
    else {
      begun.push(next.value)
      bytes += next.value.length
    }
  }
  await using threads = new YamlThreads(isWhole ? 1 : options.threads, options.maxHeapMb)
  if (isWhole) yield* wholePieces(concat(begun), bytes > options.maxHereBytes ? threads : undefined)
  else yield* cutPieces(chained(begun, chunks), threads, options.threads * 4)
}

async function* wholePieces(bytes: Uint8Array, threads: YamlThreads | undefined): AsyncGenerator<Piece> {
  const text = decode(bytes)
  if (text === undefined) return yield { kind: 'broken', line: lineNotText(bytes), message: NOT_TEXT }
  let read: YamlItems
  try {
    read = threads === undefined ? readYaml(text) : await threads.read({ bytes, anchors: '', indent: undefined })
  } catch (error) {
    if (!(error instanceof YamlTooLarge)) throw error
    return yield { kind: 'broken', line: 0, message: error.message }
  }
  yield* piecesOf(read, 0, '', () => text)
}

/** Cuts are read ahead, so that all threads have work, and given in their order. */
async function* cutPieces(
  source: AsyncIterable<Uint8Array>,
  threads: YamlThreads,
  ahead: number,
): AsyncGenerator<Piece> {
  const underWay: Promise<readonly Piece[]>[] = []
  try {
    let anchors = ''
    for await (const cut of cutYaml(source)) {
      if (cut.part === 'head') anchors = anchorsOf(cut.bytes)
      const pieces = readCut(cut, anchors, threads)
      // It is awaited later, and nobody listens until then.
      pieces.catch(() => {})
      underWay.push(pieces)
      if (underWay.length > ahead) yield* await underWay.shift()!
    }
  } catch (error) {
    if (!(error instanceof YamlUncut)) throw error
    underWay.push(Promise.resolve([{ kind: 'broken', line: error.line, message: error.message }]))
  }
  for (const pieces of underWay) yield* await pieces
}

/** What stands before the monitors, if it defines what they may refer to. */
function anchorsOf(head: Uint8Array): string {
  const text = decode(head) ?? ''
  return text.includes('&') && text.length <= MAX_ANCHORS
    ? text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)
    : ''
}

async function readCut(cut: YamlCut, anchors: string, threads: YamlThreads): Promise<readonly Piece[]> {
  const { bytes, line } = cut
  const isList = cut.part === 'monitors'
  const text = () => decode(bytes) ?? ''
  try {
    const read = await threads.read({ bytes, anchors: isList ? anchors : '', indent: isList ? cut.indent : undefined })
    if (isList) return [...piecesOf(read, line - 1, anchors + MONITORS, text)]
    // The list of a head is empty here: the monitors follow.
    return [...piecesOf({ ...read, hasList: false }, line - 1, '', text)]
  } catch (error) {
    if (!(error instanceof YamlTooLarge)) throw error
    return [{ kind: 'broken', line, message: `begins a part that ${error.message}` }]
  }
}

/**
 * @param before is how many lines of the file stand before those of the text.
 * @param head is what makes the text a document.
 */
function* piecesOf(read: YamlItems, before: number, head: string, text: () => string): Generator<Piece> {
  const { definitions, hasList, texts, faults } = read
  let lines: FieldLines | undefined
  const lineOf = (path: readonly (string | number)[]) => {
    lines ??= new FieldLines(head + text())
    return before - countLines(head) + lines.lineOf(path)
  }
  if (definitions !== undefined) {
    yield { kind: 'definitions', value: JSON.parse(definitions), lineOf: (field) => lineOf(pathOf(field)) }
  }
  if (hasList) {
    const places = read.lines.map((line) => line + before)
    yield {
      kind: 'items',
      texts,
      lines: places,
      lineOf: (index, field) => lineOf(['monitors', index, ...pathOf(field)]),
    }
  }
  for (const fault of faults) yield { kind: 'broken', ...fault, line: fault.line + before }
}

async function* chained(begun: readonly Uint8Array[], rest: AsyncIterator<Uint8Array> | Iterator<Uint8Array>) {
  yield* begun
  for (;;) {
    const next = await rest.next()
    if (next.done) return
    yield next.value
  }
}

function iterator(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
}
