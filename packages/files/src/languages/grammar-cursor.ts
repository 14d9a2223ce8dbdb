import { type ParserCalls, type ParserMemory, WORD, type WordHolder } from './parser-memory.ts'
import type { SyntaxCursor, SyntaxNode } from './syntax-node.ts'

/** What a grammar calls its types, by their numbers, and the numbers of its fields. */
export interface GrammarNames {
  readonly types: readonly string[]
  readonly fields: ReadonlyMap<string, number>
}

/** Words of a node. */
const NODE_WORDS = 5

/** A tree in the parser's memory. */
export interface GrammarTree extends GrammarNames {
  readonly memory: ParserMemory
  /** Of the tree, in bytes. */
  readonly address: number
}

/**
 * As web-tree-sitter's cursor, without what that does at each step: what a cursor is stays in the parser's memory from one call to the next, and is
 * put aside only while nodes are asked for something. Its nodes can be asked as long as there is the tree; between its making and `delete()` web-tree-sitter's own
 * nodes and cursors must not, which take the same place in memory.
 *
 * PERF: this and nodes with nothing but five numbers make a record cost what a bare loop does (`npm run bench -- languages`).
 */
export class GrammarCursor implements SyntaxCursor, WordHolder {
  readonly #tree: GrammarTree
  readonly #calls: ParserCalls
  readonly #address: number
  readonly #memory: ParserMemory
  // The four words of a cursor, while they are aside.
  #first = 0
  #second = 0
  #third = 0
  #fourth = 0

  constructor(tree: GrammarTree) {
    this.#tree = tree
    this.#memory = tree.memory
    this.#calls = tree.memory.calls
    this.#address = tree.address
    this.#memory.holder?.putAside()
    this.#memory.holder = this
    this.#calls.ts_tree_root_node_wasm(tree.address)
    this.#calls.ts_tree_cursor_new_wasm(tree.address)
  }

  get nodeTypeId(): number {
    if (this.#memory.holder !== this) this.#takeUp()
    return this.#calls.ts_tree_cursor_current_node_type_id_wasm(this.#address)
  }

  get nodeIsMissing(): boolean {
    if (this.#memory.holder !== this) this.#takeUp()
    return this.#calls.ts_tree_cursor_current_node_is_missing_wasm(this.#address) === 1
  }

  get startIndex(): number {
    if (this.#memory.holder !== this) this.#takeUp()
    return this.#calls.ts_tree_cursor_start_index_wasm(this.#address)
  }

  get endIndex(): number {
    if (this.#memory.holder !== this) this.#takeUp()
    return this.#calls.ts_tree_cursor_end_index_wasm(this.#address)
  }

  get currentNode(): SyntaxNode {
    if (this.#memory.holder !== this) this.#takeUp()
    this.putAside()
    this.#calls.ts_tree_cursor_current_node_wasm(this.#address)
    return new GrammarNode(this.#tree, this.#memory.base)
  }

  gotoFirstChild(): boolean {
    if (this.#memory.holder !== this) this.#takeUp()
    return this.#calls.ts_tree_cursor_goto_first_child_wasm(this.#address) === 1
  }

  gotoNextSibling(): boolean {
    if (this.#memory.holder !== this) this.#takeUp()
    return this.#calls.ts_tree_cursor_goto_next_sibling_wasm(this.#address) === 1
  }

  gotoParent(): boolean {
    if (this.#memory.holder !== this) this.#takeUp()
    return this.#calls.ts_tree_cursor_goto_parent_wasm(this.#address) === 1
  }

  delete(): void {
    if (this.#memory.holder !== this) this.#takeUp()
    this.#calls.ts_tree_cursor_delete_wasm(this.#address)
    this.#memory.holder = undefined
  }

  putAside(): void {
    const { words, base } = this.#memory
    this.#first = words[base]!
    this.#second = words[base + 1]!
    this.#third = words[base + 2]!
    this.#fourth = words[base + 3]!
    this.#memory.holder = undefined
  }

  #takeUp(): void {
    this.#memory.holder?.putAside()
    this.#memory.holder = this
    const { words, base } = this.#memory
    words[base] = this.#first
    words[base + 1] = this.#second
    words[base + 2] = this.#third
    words[base + 3] = this.#fourth
  }
}

class GrammarNode implements SyntaxNode {
  readonly #tree: GrammarTree
  readonly id: number
  readonly startIndex: number
  readonly #row: number
  readonly #column: number
  readonly #alias: number
  #type: string | undefined

  /** The node that the parser left `at` a word of its memory. */
  constructor(tree: GrammarTree, at: number) {
    const { words } = tree.memory
    this.#tree = tree
    this.id = words[at]!
    this.startIndex = words[at + 1]!
    this.#row = words[at + 2]!
    this.#column = words[at + 3]!
    this.#alias = words[at + 4]!
  }

  get type(): string {
    this.#type ??= this.#tree.types[this.#put().ts_node_symbol_wasm(this.#tree.address)] ?? 'ERROR'
    return this.#type
  }

  get isNamed(): boolean {
    return this.#put().ts_node_is_named_wasm(this.#tree.address) === 1
  }

  get endIndex(): number {
    return this.#put().ts_node_end_index_wasm(this.#tree.address)
  }

  get parent(): SyntaxNode | null {
    this.#put().ts_node_parent_wasm(this.#tree.address)
    return this.#given()
  }

  get firstChild(): SyntaxNode | null {
    this.#put().ts_node_child_wasm(this.#tree.address, 0)
    return this.#given()
  }

  get firstNamedChild(): SyntaxNode | null {
    return this.namedChild(0)
  }

  get children(): readonly SyntaxNode[] {
    this.#put().ts_node_children_wasm(this.#tree.address)
    return this.#givenList()
  }

  get namedChildren(): readonly SyntaxNode[] {
    this.#put().ts_node_named_children_wasm(this.#tree.address)
    return this.#givenList()
  }

  namedChild(index: number): SyntaxNode | null {
    this.#put().ts_node_named_child_wasm(this.#tree.address, index)
    return this.#given()
  }

  childForFieldName(name: string): SyntaxNode | null {
    const field = this.#tree.fields.get(name)
    if (field === undefined) return null
    this.#put().ts_node_child_by_field_id_wasm(this.#tree.address, field)
    return this.#given()
  }

  childrenForFieldName(name: string): readonly SyntaxNode[] {
    const field = this.#tree.fields.get(name)
    if (field === undefined) return []
    this.#put().ts_node_children_by_field_id_wasm(this.#tree.address, field)
    return this.#givenList()
  }

  /** Puts the node where the parser's functions look for it. */
  #put(): ParserCalls {
    const { memory } = this.#tree
    memory.holder?.putAside()
    const { words, base } = memory
    words[base] = this.id
    words[base + 1] = this.startIndex
    words[base + 2] = this.#row
    words[base + 3] = this.#column
    words[base + 4] = this.#alias
    return memory.calls
  }

  #given(): GrammarNode | null {
    const { words, base } = this.#tree.memory
    return words[base] === 0 ? null : new GrammarNode(this.#tree, base)
  }

  /** A list is lent: how many, and where they are. */
  #givenList(): GrammarNode[] {
    const { words, base, calls } = this.#tree.memory
    const count = words[base]!
    const address = words[base + 1]!
    const nodes: GrammarNode[] = []
    for (let index = 0; index < count; index++)
      nodes.push(new GrammarNode(this.#tree, address / WORD + index * NODE_WORDS))
    if (count > 0) calls.free(address)
    return nodes
  }
}
