import { type ParseResult, type ParserOptions, parseSync, rawTransferSupported } from 'oxc-parser'
import type { DiscoveredFile } from '../file.ts'

/** What a parse gives: the ESTree program, its comments, and what the parser objects to. */
export type ParsedSource = Pick<ParseResult, 'program' | 'comments' | 'errors'>

let rawTransfer = rawTransferSupported()

/**
 * Parses program text with oxc into an ESTree program without parentheses.
 *
 * The tree comes out of the parser's memory directly where the platform allows it, which is about twice as fast as the JSON it
 * otherwise comes as; both are the same tree. That way recurses, so a tree nested too deeply for the stack comes as JSON too.
 */
export function parseSource(file: DiscoveredFile, text: string): ParsedSource {
  if (rawTransfer) {
    try {
      return parseSync(file.path, text, { ...optionsFor(file), experimentalRawTransfer: true } as ParserOptions)
    } catch (error) {
      // The 6 GB of address space it wants may be denied to this process: then they are denied to every file.
      if (error instanceof RangeError && error.message.includes('allocation')) rawTransfer = false
    }
  }
  return parseAsJson(file, text)
}

/** As {@link parseSource}, always by JSON. */
export function parseAsJson(file: DiscoveredFile, text: string): ParsedSource {
  return parseSync(file.path, text, optionsFor(file))
}

function optionsFor({ path, language }: DiscoveredFile): ParserOptions {
  return { lang: langOf(path, language), sourceType: sourceTypeOf(path), preserveParens: false }
}

function langOf(path: string, language: string | null): NonNullable<ParserOptions['lang']> {
  if (language === 'tsx') return 'tsx'
  if (language === 'typescript') return DECLARATION_FILE.test(path) ? 'dts' : 'ts'
  // JSX is also written in .js, and takes nothing from JavaScript.
  return 'jsx'
}

const DECLARATION_FILE = /\.d\.(?:[^./]+\.)?[cm]?ts$/

function sourceTypeOf(path: string): NonNullable<ParserOptions['sourceType']> {
  if (path.endsWith('.mjs') || path.endsWith('.mts')) return 'module'
  return path.endsWith('.cjs') ? 'commonjs' : 'unambiguous'
}
