import type { DiscoveredFile } from '../../file.ts'
import { defineProcessor, type Processor } from '../processor.ts'
import { readSettings } from '../settings.ts'
import { winnow } from './winnow.ts'

/** What the `duplicates` processor says of a file. */
export interface DuplicatesRecord {
  /** By the file's name, for example `typescript`. */
  readonly language: string | null
  /** Words, numbers, texts in quotes and signs in it. */
  readonly tokens: number
  /**
   * Places by which copies are found: hash, first token (from 0), first and last line (from 1). Where as many tokens as {@link DuplicatesRecord.minTokens}
   * are the same in two files, these have a hash in common.
   */
  readonly fingerprints: readonly (readonly [hash: number, token: number, line: number, endLine: number])[]
  /** The shortest copy that is sure to be found. */
  readonly minTokens: number
}

/** White space tells nothing; a text in quotes, a number, a word is one token, any other sign too. */
const TOKEN = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu

const SETTINGS = { minTokens: { default: 60, min: 10, max: 10_000 } }

/**
 * Fingerprints of programs, for the report of {@link findDuplicates}: copies of `minTokens` tokens and more (60 unless told, as in
 * `duplicates:minTokens=100`) are found whatever their line breaks and indentation; renamed ones are not.
 * @throws {MillraceError} `PROCESSOR_ARGUMENT`.
 */
export function duplicatesOf(argument: string): Processor {
  const { minTokens } = readSettings('duplicates', argument, SETTINGS)
  const gram = Math.ceil(minTokens / 2)
  const window = minTokens - gram + 1
  return defineProcessor<DuplicatesRecord>({
    name: 'duplicates',
    version: `1-${minTokens}`,
    match: ({ kind }: DiscoveredFile) => kind === 'source',
    process(input) {
      const { hashes, lines } = tokensOf(input.text())
      const fingerprints = winnow(hashes, gram, window).map(
        ({ hash, token }) => [hash, token, lines[token]!, lines[token + gram - 1]!] as const,
      )
      return { language: input.file.language, tokens: hashes.length, fingerprints, minTokens }
    },
  }) as Processor
}

function tokensOf(text: string): { readonly hashes: Int32Array; readonly lines: readonly number[] } {
  const hashes: number[] = []
  const lines: number[] = []
  let line = 1
  let seen = 0
  for (const { index, 0: token } of text.matchAll(TOKEN)) {
    for (; seen < index; seen++) if (text.charCodeAt(seen) === 10) line++
    hashes.push(hashOf(token))
    lines.push(line)
  }
  return { hashes: Int32Array.from(hashes), lines }
}

/** FNV-1a over UTF-16 units. */
function hashOf(token: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < token.length; at++) hash = Math.imul(hash ^ token.charCodeAt(at), 0x01000193)
  return hash | 0
}
