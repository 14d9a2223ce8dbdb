import { type ParseResult, type ParserOptions, parseSync, rawTransferSupported } from 'oxc-parser'
import type { DiscoveredFile } from '../file.ts'

/** What a parse gives: the ESTree program, its comments, and what the parser objects to. */
export type ParsedSource = Pick<ParseResult, 'program' | 'comments' | 'errors'>

/** One way to have a text parsed. */
export type Parse = (path: string, text: string, options: ParserOptions) => ParsedSource

/**
 * Parses program text with oxc into an ESTree program without parentheses.
 *
 * Whether it is a module is told by its ending, otherwise by its contents; JavaScript with errors is tried again as CommonJS, where
 * `return` may stand at the top.
 */
export function parseSource({ path, language }: DiscoveredFile, text: string, parse: Parse = parseFast): ParsedSource {
  const lang = langOf(path, language)
  const sourceType = sourceTypeOf(path)
  const parsed = parse(path, text, { lang, sourceType, preserveParens: false })
  if (parsed.errors.length === 0 || lang !== 'jsx' || sourceType !== 'unambiguous') return parsed
  const script = parse(path, text, { lang, sourceType: 'commonjs', preserveParens: false })
  return script.errors.length === 0 ? script : parsed
}

let rawTransfer = rawTransferSupported()

/**
 * Has the tree straight out of the parser's memory where the platform allows it, which is more than twice as fast as the JSON it
 * otherwise comes as; both are the same tree. That way recurses, so a tree nested too deeply for the stack comes as JSON too.
 */
export const parseFast: Parse = (path, text, options) => {
  if (rawTransfer) {
    try {
      return parseSync(path, text, { ...options, experimentalRawTransfer: true } as ParserOptions)
    } catch (error) {
      // The 6 GB of address space it wants may be denied to this process: then they are denied for every file.
      if (error instanceof RangeError && error.message.includes('allocation')) rawTransfer = false
    }
  }
  return parseSync(path, text, options)
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
