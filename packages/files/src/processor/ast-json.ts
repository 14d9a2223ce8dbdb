import { MillraceError } from '@millrace/kernel/errors'
import type { DiscoveredFile } from '../file.ts'
import { type FoundTree, findTree } from './ast-dialect.ts'
import { complexityHighlights } from './complexity-highlights.ts'
import { estreeFacts } from './estree-facts.ts'
import { jsonFault } from './json-fault.ts'
import { defineProcessor, type FileInput } from './processor.ts'
import { SYNTAX_RECORD_SCHEMA, type SyntaxRecord } from './syntax-record.ts'
import { shapeFacts } from './tree-shape.ts'

/**
 * Syntax trees that somebody parsed before, as JSON: ESTree and Babel give the same facts as program text does, trees of
 * tree-sitter and others their shape. The tree may be the document or stand in a field of it.
 *
 * Memory: the text and the objects made of it, together three to four times the file's size; a tree of 9 MB fits a heap of 40 MB.
 */
export const astJson = defineProcessor<SyntaxRecord>({
  name: 'ast-json',
  version: '2',
  match: ({ kind }: DiscoveredFile) => kind === 'ast',
  process: treeRecord,
  highlights: complexityHighlights,
})

/** @throws {MillraceError} `AST_INVALID` where the file is not JSON or holds no tree. */
function treeRecord(input: FileInput): SyntaxRecord {
  const { file, bytes } = input
  const tree = treeIn(parseJson(input), file.path)
  const facts = tree.dialect === 'estree' || tree.dialect === 'babel' ? estreeFacts(tree.root) : shapeFacts(tree)
  return {
    schema: SYNTAX_RECORD_SCHEMA,
    language: file.language,
    dialect: tree.dialect,
    lines: facts.lines,
    bytes: bytes.length,
    nodes: facts.nodes,
    depth: facts.depth,
    complexity: facts.complexity,
    commentRatio: facts.commentRatio,
    imports: facts.imports,
    exports: facts.exports,
    declarations: facts.declarations,
    functions: facts.functions,
    diagnostics: facts.diagnostics,
  }
}

function parseJson(input: FileInput): unknown {
  const text = input.text()
  try {
    return JSON.parse(text)
  } catch (error) {
    const fault = jsonFault(text)
    const { path } = input.file
    throw new MillraceError(
      'AST_INVALID',
      `${path} is not JSON: ${fault.what} at line ${fault.line}, column ${fault.column}. A syntax tree is read from JSON; exclude the file if it is none.`,
      { detail: { path, ...fault }, cause: error },
    )
  }
}

function treeIn(document: unknown, path: string): FoundTree {
  const tree = findTree(document)
  if (tree !== undefined) return tree
  throw new MillraceError(
    'AST_INVALID',
    `${path} is JSON but holds no syntax tree. A tree is an object with a "type", "kind", "nodeType" or "_type" and with such objects below it, as in {"type":"Program","body":[…]}; exclude the file if it is none.`,
    { detail: { path } },
  )
}
