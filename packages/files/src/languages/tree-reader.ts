import { MillraceError } from '@millrace/kernel/errors'
import { LineIndex } from '../processor/line-index.ts'
import type { FileInput } from '../processor/processor.ts'
import { SYNTAX_RECORD_SCHEMA, type SyntaxRecord } from '../processor/syntax-record.ts'
import { type Grammar, Grammars, type GrammarsOptions } from './grammars.ts'
import { type TreeFacts, walkTree } from './tree-walk.ts'
import { RuntimeError } from './web-assembly.ts'

/** How lines begin that only C++ has; much of it C would take for something else without a word. */
const CPP_SIGNS =
  /^[ \t]*(?:class[ \t]+\w|namespace\b|template[ \t]*<|using[ \t]+\w|(?:public|private|protected)[ \t]*:)/m

/**
 * Reads files in the languages that tree-sitter's grammars know, one after another.
 *
 * A file with syntax errors is delivered with its diagnostics and all that its tree still tells.
 */
export class TreeReader {
  readonly #grammars: Grammars
  readonly #lines = new LineIndex()

  constructor(options: GrammarsOptions = {}) {
    this.#grammars = new Grammars(options)
  }

  /**
   * The record of a file; a promise of it where its grammar is yet to be loaded.
   * @throws {MillraceError} as {@link Grammars.load}; `GRAMMAR_ABORTED` where the grammar broke down: this process can read nothing more.
   */
  read(input: FileInput): SyntaxRecord | Promise<SyntaxRecord> {
    const language = input.file.language!
    if (language !== 'c' || !/\.h$/i.test(input.file.path)) return this.#readAs(language, input)
    return CPP_SIGNS.test(input.text()) ? this.#readAs('cpp', input) : this.#readHeader(input)
  }

  #readAs(language: string, input: FileInput): SyntaxRecord | Promise<SyntaxRecord> {
    const grammar = this.#grammars.get(language)
    if (grammar === undefined) return this.#grammars.load(language).then(() => this.#readAs(language, input))
    return this.#record(input, grammar)
  }

  /** What a `.h` is for, its name does not say: the language that objects less has it, and C where both object alike. */
  async #readHeader(input: FileInput): Promise<SyntaxRecord> {
    const asC = await this.#readAs('c', input)
    if (asC.diagnostics.length === 0) return asC
    const asCpp = await this.#readAs('cpp', input)
    return asCpp.diagnostics.length < asC.diagnostics.length ? asCpp : asC
  }

  #record(input: FileInput, grammar: Grammar): SyntaxRecord {
    const text = input.text()
    this.#lines.index(text)
    const facts = this.#facts(text, grammar, input.file.path)
    return {
      schema: SYNTAX_RECORD_SCHEMA,
      language: input.file.language,
      dialect: 'tree-sitter',
      lines: this.#lines.count,
      bytes: input.bytes.length,
      nodes: facts.nodes,
      depth: facts.depth,
      complexity: facts.complexity,
      commentRatio: text.length === 0 ? 0 : Math.round((facts.commentChars / text.length) * 10_000) / 10_000,
      imports: facts.imports,
      exports: [],
      declarations: facts.declarations,
      functions: facts.functions,
      diagnostics: facts.diagnostics,
    }
  }

  #facts(text: string, grammar: Grammar, path: string): TreeFacts {
    try {
      // It gives null only where it was told to stop.
      const tree = this.#grammars.parser(grammar).parse(text)!
      try {
        return walkTree(tree, text, this.#lines, grammar)
      } finally {
        tree.delete()
      }
    } catch (cause) {
      if (!(cause instanceof RuntimeError || cause instanceof RangeError)) throw cause
      throw new MillraceError(
        'GRAMMAR_ABORTED',
        `The grammar broke down on ${path} (${cause.message.split(/\n|\. /, 1)[0]}): it may be too large or too strange for it. Exclude the file, or report it to those who make the grammar.`,
        { detail: { path }, cause },
      )
    }
  }
}
