import { ndjsonPieces } from './ndjson-pieces.ts'
import { NOT_TEXT, type Piece } from './piece.ts'

export const MANIFEST_FORMATS = ['yaml', 'ndjson', 'json'] as const

export type ManifestFormat = (typeof MANIFEST_FORMATS)[number]

export interface PiecesOptions {
  readonly format: ManifestFormat
  readonly threads: number
}

/** Documents up to this size may have their parts in any order, and YAML of any form. */
const MAX_WHOLE_BYTES = 8_388_608
/** What a thread that reads YAML has for its objects. */
const MAX_HEAP_MB = 512
/** Small documents are not worth a thread. */
const MAX_HERE_BYTES = 131_072
/** Text has none of these bytes; whatever begins with a zero byte, or has one early, is something else. */
const LOOKED_AT = 4096

/** The pieces of a manifest, in the order of the file. Holds some of them at a time. */
export async function* manifestPieces(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { format, threads }: PiecesOptions,
): AsyncGenerator<Piece> {
  const text = asText(source)
  try {
    if (format === 'ndjson') yield* ndjsonPieces(text)
    // PERF: what parses YAML, and finds lines in it and in JSON, is loaded by who needs it; bench/pulse/memory.bench.ts.
    else if (format === 'json') {
      const { jsonPieces } = await import('./json-pieces.ts')
      yield* jsonPieces(text, MAX_WHOLE_BYTES)
    } else {
      const { yamlPieces } = await import('./yaml-pieces.ts')
      yield* yamlPieces(text, {
        maxWholeBytes: MAX_WHOLE_BYTES,
        maxHereBytes: MAX_HERE_BYTES,
        threads,
        maxHeapMb: MAX_HEAP_MB,
      })
    }
  } catch (error) {
    if (!(error instanceof NoText)) throw error
    yield { kind: 'broken', line: 0, message: error.message }
  }
}

class NoText extends Error {}

/** Refuses at once what is no text, which would make no sense line by line. */
async function* asText(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isFirst = true
  for await (const chunk of source) {
    if (isFirst) {
      const [a, b] = chunk
      if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))
        throw new NoText('is text in UTF-16: save it as UTF-8')
      if (a === 0x1f && b === 0x8b) throw new NoText('is compressed: unpack it')
      if (chunk.subarray(0, LOOKED_AT).includes(0))
        throw new NoText(`${NOT_TEXT.replace('UTF-8:', 'UTF-8, but bytes of something else:')}`)
    }
    if (chunk.length > 0) isFirst = false
    yield chunk
  }
}
