import type { DiscoveredFile } from '../../file.ts'
import { loadPeer } from '../load-peer.ts'
import { defineProcessor, type FileInput, type Processor } from '../processor.ts'
import { readSettings } from '../settings.ts'
import { factsOf } from './facts-of.ts'
import { type Piece, splitText } from './split-text.ts'

/** What the `chunks` processor says of a file. */
export interface ChunksRecord {
  /** By the file's name, for example `typescript`. */
  readonly language: string | null
  /** Tokens of all chunks. */
  readonly tokens: number
  /** The file in pieces, in its order: their texts, one behind the other, are the file's. */
  readonly chunks: readonly Chunk[]
}

/** One piece of a file, as it would be found again. */
export interface Chunk {
  /** What it holds, as far as that begins in it: `parse, Parser, Parser.next`; empty where nothing with a name does. */
  readonly names: readonly string[]
  /** First and last line, counted from 1. */
  readonly line: number
  readonly endLine: number
  /** Offsets of its first character and behind its last one, in UTF-16 units. */
  readonly start: number
  readonly end: number
  /** Tokens of `text`, by the `o200k_base` encoding. */
  readonly tokens: number
  readonly text: string
}

/** Texts without a grammar that people read, and would find again. */
const PROSE = new Set(['markdown', 'restructuredtext', 'latex', 'html'])

const SETTINGS = { maxTokens: { default: 512, min: 16, max: 1_000_000 } }

/**
 * Cuts programs and prose into pieces that a retrieval index takes: at most `maxTokens` tokens each (512 unless told, as in `chunks:maxTokens=256`), cut between
 * declarations where the `syntax` processor knows them, else at blank lines, else between lines; a longer line is cut in it.
 *
 * Nothing is left out and nothing stands twice. Tokens are counted by gpt-tokenizer, an optional peer. O(length × depth of declarations).
 * @throws {MillraceError} `PROCESSOR_ARGUMENT`, `PEER_MISSING`.
 */
export async function chunksOf(argument: string): Promise<Processor> {
  const { maxTokens } = readSettings('chunks', argument, SETTINGS)
  const { countTokens } = await loadPeer(
    'gpt-tokenizer',
    'The processor chunks',
    () => import('gpt-tokenizer/encoding/o200k_base'),
  )
  // A text may speak of special tokens; to us they are text.
  const plain = { disallowedSpecial: new Set<string>() }
  return defineProcessor<ChunksRecord>({
    name: 'chunks',
    version: `1-${maxTokens}`,
    match: ({ kind, language }: DiscoveredFile) => kind === 'source' || (language !== null && PROSE.has(language)),
    process: async (input) => {
      const pieces = splitText(input.text(), await factsOf(input), {
        maxTokens,
        count: (text) => countTokens(text, plain),
      })
      return {
        language: input.file.language,
        tokens: pieces.reduce((sum, { tokens }) => sum + tokens, 0),
        chunks: chunksIn(input, pieces),
      }
    },
  }) as Processor
}

function chunksIn(input: FileInput, pieces: readonly Piece[]): Chunk[] {
  const text = input.text()
  let line = 1
  return pieces.map(({ start, end, tokens, names }) => {
    const piece = text.slice(start, end)
    const feeds = piece.split('\n').length - 1
    const chunk = {
      names,
      line,
      endLine: line + feeds - (piece.endsWith('\n') ? 1 : 0),
      start,
      end,
      tokens,
      text: piece,
    }
    line += feeds
    return chunk
  })
}
