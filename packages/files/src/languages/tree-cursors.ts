import type { Language, Parser, Tree } from 'web-tree-sitter'
import { GrammarCursor } from './grammar-cursor.ts'
import type { ParserMemory } from './parser-memory.ts'
import type { SyntaxCursor, SyntaxNode } from './syntax-node.ts'

/** A cursor at the root of a tree. */
export type CursorOf = (tree: Tree) => SyntaxCursor

/** Every grammar makes a tree of it, with tokens and errors. */
const PROBE = 'a(b) { c: "d" } /* e */\n# f\n<g h="i">'

/** Web-tree-sitter's own cursors. */
export const plainCursor: CursorOf = (tree) => tree.walk()

/**
 * The quicker cursors over the parser's memory, where they tell the same of a tree as the parser's own do; else those.
 * @param parser Set to the language.
 */
export function cursorsOf(language: Language, parser: Parser, memory: ParserMemory | undefined): CursorOf {
  if (memory === undefined) return plainCursor
  const { types } = language
  const fields = new Map(language.fields.flatMap((name, id) => (name === null || id === 0 ? [] : [[name, id]])))
  const quick: CursorOf = (tree) => new GrammarCursor({ memory, types, fields, address: addressOf(tree) })
  const tree = parser.parse(PROBE)
  if (tree === null) return plainCursor
  try {
    const expected = told(plainCursor(tree))
    return told(quick(tree)) === expected ? quick : plainCursor
  } finally {
    tree.delete()
  }
}

/** Where a tree of the parser's is, it says to none but itself; a wrong one would tell another tree. */
function addressOf(tree: Tree): number {
  return (tree as unknown as { readonly 0: number })[0]
}

/** All that a cursor says of a tree. */
function told(cursor: SyntaxCursor): string {
  const said: unknown[] = []
  for (let more = true; more; ) {
    said.push(cursor.nodeTypeId, cursor.nodeIsMissing, cursor.startIndex, cursor.endIndex, ofNode(cursor.currentNode))
    if (cursor.gotoFirstChild()) continue
    while (!cursor.gotoNextSibling()) {
      more = cursor.gotoParent()
      if (!more) break
    }
  }
  cursor.delete()
  return JSON.stringify(said)
}

function ofNode(node: SyntaxNode): unknown[] {
  const around = [node.parent, node.firstChild, node.firstNamedChild, ...node.children, ...node.namedChildren]
  return [node.type, node.isNamed, ...[node, ...around].map((one) => one && [one.id, one.startIndex, one.endIndex])]
}
