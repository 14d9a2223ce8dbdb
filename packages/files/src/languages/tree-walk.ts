import type { Tree } from 'web-tree-sitter'
import type { LineIndex } from '../processor/line-index.ts'
import type {
  DeclarationFact,
  DeclarationKind,
  DiagnosticFact,
  FunctionFact,
  ImportFact,
} from '../processor/syntax-record.ts'
import { BRANCH, COMMENT, type CompiledRules, FAULT, NAMED, OPERATOR, VISITED, type Visit } from './compiled-rules.ts'
import type { Grammar } from './grammars.ts'
import type { FactSink, Surroundings } from './language.ts'
import type { SyntaxCursor, SyntaxNode } from './syntax-node.ts'

/** What there is something to note of. */
const NOTED = BRANCH | OPERATOR | COMMENT | VISITED | FAULT

/** Diagnostics told of one file: what follows the first hundred tells nobody more. */
const MOST_DIAGNOSTICS = 100
/** Longest text of the source in a message, characters. */
const QUOTED = 40

/** What one walk over a tree tells. */
export interface TreeFacts {
  readonly nodes: number
  readonly depth: number
  readonly complexity: number | null
  /** Characters in comments. */
  readonly commentChars: number
  readonly imports: readonly ImportFact[]
  readonly declarations: readonly DeclarationFact[]
  readonly functions: readonly FunctionFact[]
  readonly diagnostics: readonly DiagnosticFact[]
}

/**
 * Collects what the rules of a grammar say of a tree, in one walk over it, in the order of the source. Tokens that have no name in the grammar are no nodes.
 *
 * O(nodes), without recursion, however deep the tree is. Nothing is allocated for a node that adds no fact.
 * @param lines The lines of `text`.
 */
export function walkTree(
  tree: Tree,
  text: string,
  lines: LineIndex,
  grammar: Pick<Grammar, 'rules' | 'cursorOf'>,
): TreeFacts {
  // Asked for before there is a cursor, beside which nobody asks for anything.
  const broken = tree.rootNode.hasError
  return new TreeWalk(text, lines, grammar.rules).run(grammar.cursorOf(tree), broken)
}

class TreeWalk implements FactSink {
  readonly #text: string
  readonly #lines: LineIndex
  readonly #rules: CompiledRules
  readonly #imports: ImportFact[] = []
  readonly #declarations: DeclarationFact[] = []
  readonly #functions: { readonly name: string | null; readonly line: number }[] = []
  readonly #diagnostics: DiagnosticFact[] = []
  readonly #once = new Set<string>()
  /** Of the top-level code, then of each function in its order. */
  readonly #complexities = [1]
  // One entry for each node between the root and the one at hand.
  readonly #types: number[] = []
  readonly #owners: number[] = []
  readonly #surroundings: Surroundings[] = []
  #nodes = 0
  #depth = 0
  #commentChars = 0
  /** Nodes above the one at hand that are at fault themselves. */
  #faultsAbove = 0
  #quotedNode: SyntaxNode | undefined
  #quoted = ''
  around: Surroundings = 'file'

  constructor(text: string, lines: LineIndex, rules: CompiledRules) {
    this.#text = text
    this.#lines = lines
    this.#rules = rules
  }

  get parentType(): string {
    return this.#rules.names[this.#types.at(-1) ?? -1] ?? ''
  }

  run(cursor: SyntaxCursor, broken: boolean): TreeFacts {
    try {
      this.#walk(cursor, broken)
    } finally {
      cursor.delete()
    }
    return {
      nodes: this.#nodes,
      depth: this.#depth,
      complexity: this.#rules.decides ? this.#complexities.reduce((sum, complexity) => sum + complexity, 0) : null,
      commentChars: this.#commentChars,
      imports: this.#imports,
      declarations: this.#declarations,
      functions: this.#functions.map(({ name, line }, index) => ({
        name,
        line,
        complexity: this.#complexities[index + 1]!,
      })),
      diagnostics: this.#diagnostics,
    }
  }

  /** PERF: names are asked for twice, as declared and as a function's; where a node ends takes a call into the grammar's memory. */
  text(node: SyntaxNode): string {
    if (node !== this.#quotedNode) {
      this.#quotedNode = node
      this.#quoted = this.#text.slice(node.startIndex, node.endIndex)
    }
    return this.#quoted
  }

  begins(node: SyntaxNode, pattern: RegExp): boolean {
    pattern.lastIndex = node.startIndex
    return pattern.test(this.#text)
  }

  declare(kind: DeclarationKind, name: SyntaxNode | string | null, whole: SyntaxNode): void {
    const told = typeof name === 'object' && name !== null ? this.text(name) : name
    if (told === null || told === '') return
    const { startIndex: start, endIndex: end } = whole
    this.#declarations.push({
      name: told,
      kind,
      start,
      end,
      line: this.#lines.at(start),
      // An end is the offset after the last character, which may be the start of the next line.
      endLine: this.#lines.at(Math.max(end - 1, start)),
    })
  }

  declareOnce(kind: DeclarationKind, name: SyntaxNode | string | null, whole: SyntaxNode): void {
    const told = typeof name === 'object' && name !== null ? this.text(name) : name
    if (told === null || this.#once.has(told)) return
    this.#once.add(told)
    this.declare(kind, told, whole)
  }

  import(kind: ImportFact['kind'], from: string, names?: readonly string[]): void {
    if (from !== '') this.#imports.push(names === undefined ? { from, kind } : { from, kind, names })
  }

  /**
   * PERF: tokens are not asked for children; that pays for asking every node for its type. What the loop keeps is local, and only what is
   * noted goes through fields (`npm run bench -- languages`).
   */
  #walk(cursor: SyntaxCursor, broken: boolean): void {
    const { roles } = this.#rules
    const types = this.#types
    let owner = 0
    let around: Surroundings = 'file'
    let nodes = 0
    let depth = 0
    for (let more = true; more; ) {
      const type = cursor.nodeTypeId
      const role = roles[type]!
      let inner = owner
      let within: Surroundings = around
      if ((role & NOTED) !== 0) {
        this.around = around
        inner = this.#note(cursor, type, role, owner)
        within = this.around
      }
      if ((role & NAMED) !== 0) {
        nodes++
        if (types.length >= depth) depth = types.length + 1
        if (cursor.gotoFirstChild()) {
          if ((role & FAULT) !== 0) this.#faultsAbove++
          types.push(type)
          this.#owners.push(owner)
          this.#surroundings.push(around)
          owner = inner
          around = within
          continue
        }
      }
      if (broken && cursor.nodeIsMissing) this.#missing(cursor, type)
      while (!cursor.gotoNextSibling()) {
        more = cursor.gotoParent()
        if (!more) break
        if ((roles[types.pop()!]! & FAULT) !== 0) this.#faultsAbove--
        owner = this.#owners.pop()!
        around = this.#surroundings.pop()!
      }
    }
    this.#nodes = nodes
    this.#depth = depth
  }

  /** Notes what the node tells, and gives the function that owns what is below it. */
  #note(cursor: SyntaxCursor, type: number, role: number, owner: number): number {
    if ((role & BRANCH) !== 0) this.#complexities[owner]!++
    if ((role & OPERATOR) !== 0 && this.#rules.operators.get(type)!.has(this.#types.at(-1)!))
      this.#complexities[owner]!++
    if ((role & COMMENT) !== 0) this.#comment(cursor)
    if ((role & FAULT) !== 0) this.#fault(cursor, type)
    if ((role & VISITED) === 0) return owner
    const visit = this.#rules.visits.get(type)!
    return visit.looks ? this.#visit(cursor.currentNode, visit, owner) : this.#enter(visit, owner)
  }

  /** Some grammars give the line feed behind a comment to it. */
  #comment(cursor: SyntaxCursor): void {
    const end = cursor.endIndex
    this.#commentChars += end - cursor.startIndex - (this.#text.charCodeAt(end - 1) === 10 ? 1 : 0)
  }

  #enter({ surroundings }: Visit, owner: number): number {
    if (surroundings !== undefined) this.around = surroundings
    return owner
  }

  #visit(node: SyntaxNode, { fact, branches, function: functionRule, surroundings }: Visit, owner: number): number {
    fact?.(node, this)
    if (branches?.(node, this) === true) this.#complexities[owner]!++
    const name = functionRule?.(node, this)
    if (surroundings !== undefined) this.around = surroundings
    if (name === undefined) return owner
    this.around = 'function'
    const isNode = typeof name === 'object' && name !== null
    this.#functions.push({
      name: isNode ? this.text(name) : name,
      line: this.#lines.at(isNode ? name.startIndex : node.startIndex),
    })
    return this.#complexities.push(1) - 1
  }

  #fault(cursor: SyntaxCursor, type: number): void {
    // What is within an error is the same error.
    if (this.#faultsAbove > 0) return
    const start = cursor.startIndex
    const end = cursor.endIndex
    const told = this.#rules.faults.get(type) ?? 'Unexpected'
    const lastLine = this.#lines.at(Math.max(end - 1, start))
    // Where a parser finds no way on, it takes back what it had understood: of many lines, the first says little.
    if (lastLine > this.#lines.at(start)) this.#diagnose(`${told} code up to line ${lastLine}`, start)
    else this.#diagnose(`${told} ${JSON.stringify(this.#text.slice(start, Math.min(end, start + QUOTED)))}`, start)
  }

  #missing(cursor: SyntaxCursor, type: number): void {
    this.#diagnose(`Missing ${JSON.stringify(this.#rules.names[type])}`, cursor.startIndex)
  }

  #diagnose(message: string, start: number): void {
    if (this.#diagnostics.length === MOST_DIAGNOSTICS) return
    this.#diagnostics.push({ message, severity: 'error', start, line: this.#lines.at(start) })
  }
}
