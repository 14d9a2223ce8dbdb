import type { DiscoveredFile } from '../file.ts'
import { TREE_LANGUAGES } from '../languages/tree-languages.ts'
import type { TreeReader } from '../languages/tree-reader.ts'
import { type AstFacts, analyseAst, type Placement } from './ast-analysis.ts'
import type { AstNode } from './ast-node.ts'
import { complexityHighlights } from './complexity-highlights.ts'
import { LineIndex } from './line-index.ts'
import { type Parse, type ParsedSource, parseFast, parseSource } from './parse-source.ts'
import { defineProcessor, type FileInput } from './processor.ts'
import { type DiagnosticFact, SYNTAX_RECORD_SCHEMA, type SyntaxRecord } from './syntax-record.ts'

const ESTREE_LANGUAGES = new Set(['javascript', 'typescript', 'jsx', 'tsx'])
const lines = new LineIndex()

/** Where oxc's nodes stand: it gives offsets in UTF-16 units, and the lines follow from the text. */
const placement: Placement = {
  start: (node) => node.start as number,
  end: (node) => node.end as number,
  line: (node) => lines.at(node.start as number),
  // An end is the offset after the last character, which may be the start of the next line.
  endLine: (node) => lines.at(Math.max((node.end as number) - 1, node.start as number)),
}

/**
 * JavaScript, TypeScript, JSX and TSX, parsed by oxc, and a dozen languages more, parsed by tree-sitter's grammars. A file with syntax errors is
 * delivered with its diagnostics; oxc gives no tree, or part of one, for it. A grammar is loaded when the first file of its language comes.
 */
export const syntax = defineProcessor<SyntaxRecord>({
  name: 'syntax',
  version: '2',
  match: ({ kind, language }: DiscoveredFile) =>
    kind !== 'ast' && language !== null && (ESTREE_LANGUAGES.has(language) || TREE_LANGUAGES.has(language)),
  process: (input) => (TREE_LANGUAGES.has(input.file.language!) ? treeRecord(input) : syntaxRecord(input, parseFast)),
  highlights: complexityHighlights,
})

let trees: TreeReader | undefined

/** A promise only until the language's grammar is loaded. */
function treeRecord(input: FileInput): SyntaxRecord | Promise<SyntaxRecord> {
  if (trees !== undefined) return trees.read(input)
  return import('../languages/tree-reader.ts').then(({ TreeReader }) => {
    trees ??= new TreeReader()
    return trees.read(input)
  })
}

/** The record, whichever way the text is parsed. */
export function syntaxRecord(input: FileInput, parse: Parse): SyntaxRecord {
  const text = input.text()
  const { file, bytes } = input
  const parsed = parseSource(file, text, parse)
  lines.index(text)
  const facts: AstFacts = analyseAst(parsed.program as unknown as AstNode, placement)
  return {
    schema: SYNTAX_RECORD_SCHEMA,
    language: file.language,
    dialect: 'estree',
    lines: lines.count,
    bytes: bytes.length,
    nodes: facts.nodes,
    depth: facts.depth,
    complexity: facts.complexity,
    commentRatio: commentRatio(parsed, text.length),
    imports: facts.imports,
    exports: facts.exports,
    declarations: facts.declarations,
    functions: facts.functions,
    diagnostics: parsed.errors.map(diagnostic),
  }
}

function commentRatio({ comments }: ParsedSource, length: number): number {
  let characters = 0
  for (const { start, end } of comments) characters += end - start
  return length === 0 ? 0 : Math.round((characters / length) * 10_000) / 10_000
}

function diagnostic({ message, severity, labels }: ParsedSource['errors'][number]): DiagnosticFact {
  const start = labels[0]?.start ?? null
  return {
    message,
    severity: severity.toLowerCase() as DiagnosticFact['severity'],
    start,
    line: start === null ? null : lines.at(start),
  }
}
