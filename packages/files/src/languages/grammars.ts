import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { MillraceError } from '@millrace/kernel/errors'
import type { Language, Parser } from 'web-tree-sitter'
import { loadPeer } from '../processor/load-peer.ts'
import { type CompiledRules, compileRules, typesOf } from './compiled-rules.ts'
import type { GrammarPlace } from './language.ts'
import { LANGUAGE_RULES } from './language-rules.ts'
import { parserRuntime } from './parser-runtime.ts'
import { type CursorOf, cursorsOf } from './tree-cursors.ts'

export interface GrammarsOptions {
  /** Most memory that the trees of one process may take, MB; the first in a process decides. @default 2048, the most a grammar can address */
  readonly maxHeapMb?: number
}

/** A grammar that is loaded, with the rules of its language. */
export interface Grammar {
  readonly language: Language
  readonly rules: CompiledRules
  readonly cursorOf: CursorOf
}

/**
 * The grammars of one process, each loaded when the first file of its language comes, and the one parser they take turns in.
 *
 * Their memory grows with the largest tree and never shrinks: whoever recycles processes by their size gets it back.
 */
export class Grammars {
  readonly #maxHeapMb: number
  readonly #loaded = new Map<string, Grammar>()
  readonly #loading = new Map<string, Promise<Grammar>>()
  #parser: Parser | undefined

  constructor({ maxHeapMb = 2048 }: GrammarsOptions = {}) {
    this.#maxHeapMb = maxHeapMb
  }

  /** The grammar of the language, if it is loaded. */
  get(name: string): Grammar | undefined {
    return this.#loaded.get(name)
  }

  /**
   * Loads the grammar of a language, once; what failed to load stays so.
   * @throws {MillraceError} `PEER_MISSING` where its package is not installed, `GRAMMAR_UNUSABLE` where it is of no use to the parser.
   */
  load(name: string): Promise<Grammar> {
    const known = this.#loading.get(name)
    if (known !== undefined) return known
    const loading = this.#load(name)
    this.#loading.set(name, loading)
    return loading
  }

  /** The parser, set to the grammar, which is loaded. */
  parser({ language }: Grammar): Parser {
    const parser = this.#parser!
    if (parser.language !== language) parser.setLanguage(language)
    return parser
  }

  async #load(name: string): Promise<Grammar> {
    const rules = LANGUAGE_RULES.get(name)!
    const { Language, Parser, memory } = await parserRuntime(reading(name), this.#maxHeapMb)
    const wasm = await readGrammar(name, rules.grammar)
    this.#parser ??= new Parser()
    try {
      const language = await Language.load(wasm)
      // Which refuses a grammar that is older or newer than it can read.
      this.#parser.setLanguage(language)
      const grammar = {
        language,
        rules: compileRules(rules, typesOf(language)),
        cursorOf: cursorsOf(language, this.#parser, memory),
      }
      this.#loaded.set(name, grammar)
      return grammar
    } catch (cause) {
      throw new MillraceError(
        'GRAMMAR_UNUSABLE',
        `The grammar of ${name} in the package ${rules.grammar.package} cannot be used: ${firstLine(cause)}. Install the version that @millrace/files names among its peers.`,
        { detail: { language: name, ...rules.grammar }, cause },
      )
    }
  }
}

function readGrammar(name: string, { package: packageName, file }: GrammarPlace): Promise<Uint8Array> {
  return loadPeer(packageName, reading(name), () =>
    readFile(createRequire(import.meta.url).resolve(`${packageName}/${file}`)),
  )
}

function reading(name: string): string {
  return `Reading the syntax of ${name}`
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n', 1)[0]!.replace(/\.$/, '')
}
