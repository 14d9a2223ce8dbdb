/**
 * A node of a syntax tree, as rules see it. The nodes of web-tree-sitter are such, and so are those of {@link GrammarCursor}.
 * Offsets are in UTF-16 units.
 */
export interface SyntaxNode {
  /** The same for the same node of a tree. */
  readonly id: number
  readonly type: string
  readonly isNamed: boolean
  readonly startIndex: number
  readonly endIndex: number
  readonly parent: SyntaxNode | null
  readonly firstChild: SyntaxNode | null
  readonly firstNamedChild: SyntaxNode | null
  readonly children: readonly SyntaxNode[]
  readonly namedChildren: readonly SyntaxNode[]
  namedChild(index: number): SyntaxNode | null
  childForFieldName(name: string): SyntaxNode | null
  childrenForFieldName(name: string): readonly SyntaxNode[]
}

/** A place in a syntax tree that moves from node to node: web-tree-sitter's cursor, or {@link GrammarCursor}. */
export interface SyntaxCursor {
  /** The number of the node's type in its grammar. */
  readonly nodeTypeId: number
  /** Whether the parser made the node up, where it should have been. */
  readonly nodeIsMissing: boolean
  readonly startIndex: number
  readonly endIndex: number
  readonly currentNode: SyntaxNode
  /** Each goes there and tells true, or stays and tells false where there is none. */
  gotoFirstChild(): boolean
  gotoNextSibling(): boolean
  gotoParent(): boolean
  /** Gives back its memory; it is of no use from then on. */
  delete(): void
}
