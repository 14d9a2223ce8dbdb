import { type AstNode, isNode, nodesIn } from './ast-node.ts'
import { BRANCHING_TYPES, branches } from './complexity.ts'
import { boundNames, DECLARING_TYPES, declarationIn, functionName } from './declarations.ts'
import { MODULE_TYPES, ModuleFacts } from './module-facts.ts'
import type { DeclarationFact, DeclarationKind, FunctionFact, SyntaxRecord } from './syntax-record.ts'

/** What one walk over a tree tells. */
export type AstFacts = Pick<SyntaxRecord, 'nodes' | 'depth' | 'imports' | 'exports' | 'declarations' | 'functions'> & {
  readonly complexity: number
}

/** Where a node stands in its source text, as far as its tree tells. */
export interface Placement {
  start(node: AstNode): number | null
  end(node: AstNode): number | null
  line(node: AstNode): number | null
  endLine(node: AstNode): number | null
}

/**
 * Counts and collects everything in one walk over an ESTree or Babel tree. Facts stand in the order of the source; those of code nested
 * deeper than 400 nodes follow after the rest.
 *
 * O(nodes). The stack stays shallow however deep the tree is, and nothing is allocated for a node that adds no fact.
 */
export function analyseAst(root: AstNode, placement: Placement): AstFacts {
  const walk = new AstWalk(placement)
  walk.run(root)
  return walk.facts()
}

/** What a node adds to the facts, by its type. */
const BRANCH = 1
const ASSIGNMENT = 2
const FUNCTION = 3
const DECLARATION = 4
const DECLARED_FUNCTION = 5
const VARIABLES = 6
const MODULE = 7

const ROLES: ReadonlyMap<string, number> = new Map([
  ...roles(MODULE, MODULE_TYPES),
  ...roles(BRANCH, BRANCHING_TYPES),
  ...roles(DECLARATION, DECLARING_TYPES),
  ...roles(FUNCTION, ['FunctionExpression', 'ArrowFunctionExpression', 'ObjectMethod']),
  // The later role of a type is its role.
  ...roles(DECLARED_FUNCTION, ['FunctionDeclaration', 'ClassMethod', 'ClassPrivateMethod']),
  ...roles(VARIABLES, ['VariableDeclaration']),
  ...roles(ASSIGNMENT, ['AssignmentExpression']),
])

function roles(role: number, types: readonly string[]): [string, number][] {
  return types.map((type) => [type, role])
}

/** Lists whose entries have a type and are no nodes. */
const NO_NODES = new Set(['comments', 'tokens', 'errors', 'leadingComments', 'trailingComments', 'innerComments'])
const VARIABLE_SCOPES = new Set(['Program', 'ExportNamedDeclaration', 'TSModuleBlock'])
/** Frames of recursion before a subtree waits for its turn at the bottom of the stack. */
const STRETCH = 400

interface Deferred {
  readonly node: AstNode
  readonly parent: AstNode | undefined
  readonly depth: number
  readonly owner: number
}

interface FoundFunction {
  readonly name: string | null
  readonly line: number | null
  /** Its place in the list of complexities; 0 is the top-level code. */
  readonly owner: number
}

class AstWalk {
  readonly #placement: Placement
  readonly #modules = new ModuleFacts()
  readonly #declarations: DeclarationFact[] = []
  readonly #functions: FoundFunction[] = []
  readonly #complexities: number[] = [1]
  readonly #deferred: Deferred[] = []
  #nodes = 0
  #depth = 0
  /** Depth at which subtrees are deferred. */
  #bottom = 1 + STRETCH

  constructor(placement: Placement) {
    this.#placement = placement
  }

  run(root: AstNode): void {
    this.#visit(root, undefined, 1, 0)
    // The list grows while it is walked: a tree of any depth is a row of stretches.
    for (const { node, parent, depth, owner } of this.#deferred) {
      this.#bottom = depth + STRETCH
      this.#visit(node, parent, depth, owner)
    }
  }

  facts(): AstFacts {
    const { imports, exports } = this.#modules
    return {
      nodes: this.#nodes,
      depth: this.#depth,
      complexity: this.#complexities.reduce((sum, complexity) => sum + complexity, 0),
      imports,
      exports,
      declarations: this.#declarations,
      functions: this.#functions.map(
        ({ name, line, owner }): FunctionFact => ({ name, line, complexity: this.#complexities[owner]! }),
      ),
    }
  }

  #visit(node: AstNode, parent: AstNode | undefined, depth: number, owner: number): void {
    if (depth === this.#bottom) {
      this.#deferred.push({ node, parent, depth, owner })
      return
    }
    this.#nodes++
    if (depth > this.#depth) this.#depth = depth
    const role = ROLES.get(node.type)
    const inner = role === undefined ? owner : this.#note(role, node, parent, owner)
    for (const field in node) {
      const value = node[field]
      if (typeof value !== 'object' || value === null) continue
      if (!Array.isArray(value)) {
        if (isNode(value)) this.#visit(value, node, depth + 1, inner)
      } else if (value.length > 0 && !NO_NODES.has(field)) {
        for (let index = 0; index < value.length; index++) {
          const item: unknown = value[index]
          if (isNode(item)) this.#visit(item, node, depth + 1, inner)
        }
      }
    }
  }

  /** Notes what the node says, and returns the function that owns what is below it. */
  #note(role: number, node: AstNode, parent: AstNode | undefined, owner: number): number {
    switch (role) {
      case BRANCH:
        if (branches(node)) this.#complexities[owner]!++
        return owner
      case ASSIGNMENT:
        if (branches(node)) this.#complexities[owner]!++
        else this.#modules.note(node, parent)
        return owner
      case FUNCTION:
        return this.#function(node, parent)
      case DECLARED_FUNCTION:
        this.#declaration(node)
        return this.#function(node, parent)
      case DECLARATION:
        this.#declaration(node)
        return owner
      case VARIABLES:
        if (parent !== undefined && VARIABLE_SCOPES.has(parent.type)) this.#variables(node)
        return owner
      default:
        this.#modules.note(node, parent)
        return owner
    }
  }

  #function(node: AstNode, parent: AstNode | undefined): number {
    const owner = this.#complexities.push(1) - 1
    // A method's function begins at its parameters; its reader looks for the name.
    const named = parent !== undefined && isNode(parent.key) && parent.value === node ? parent.key : node
    this.#functions.push({ name: functionName(node, parent) ?? null, line: this.#placement.line(named), owner })
    return owner
  }

  #declaration(node: AstNode): void {
    const declaration = declarationIn(node)
    if (declaration !== undefined) this.#declare(declaration.name, declaration.kind, node)
  }

  #variables(node: AstNode): void {
    for (const declarator of nodesIn(node.declarations)) {
      for (const name of boundNames(declarator.id)) this.#declare(name, 'variable', declarator)
    }
  }

  #declare(name: string, kind: DeclarationKind, node: AstNode): void {
    const place = this.#placement
    this.#declarations.push({
      name,
      kind,
      start: place.start(node),
      end: place.end(node),
      line: place.line(node),
      endLine: place.endLine(node),
    })
  }
}
