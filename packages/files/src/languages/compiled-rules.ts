import type { Language } from 'web-tree-sitter'
import type { FactRule, FactSink, FunctionRule, LanguageRules, Surroundings } from './language.ts'
import type { SyntaxNode } from './syntax-node.ts'

/** What a type of node is to the walk, as bits. */
export const NAMED = 1
export const BRANCH = 2
export const OPERATOR = 4
export const COMMENT = 8
export const VISITED = 16
export const FAULT = 32

/** The type of a node that the parser could make nothing of. */
const ERROR_TYPE = 65_535

/** What a visited node has done with it. */
export interface Visit {
  readonly fact: FactRule | undefined
  readonly branches: ((node: SyntaxNode, sink: FactSink) => boolean) | undefined
  readonly function: FunctionRule | undefined
  readonly surroundings: Surroundings | undefined
  /** Whether any of them looks at the node. */
  readonly looks: boolean
}

/** Rules by the numbers of a loaded grammar. */
export interface CompiledRules {
  /** Bits by type. */
  readonly roles: Uint8Array
  readonly names: readonly string[]
  readonly visits: ReadonlyMap<number, Visit>
  /** For each operator, the types of the nodes it counts in. */
  readonly operators: ReadonlyMap<number, ReadonlySet<number>>
  /** What is wrong with a node of this type. */
  readonly faults: ReadonlyMap<number, string>
  readonly decides: boolean
}

/** Turns names of types into numbers, once for each grammar, so that the walk compares no strings. O(types). */
export function compileRules(rules: LanguageRules, { types, nodeTypeIsNamed }: GrammarTypes): CompiledRules {
  const roles = new Uint8Array(ERROR_TYPE + 1)
  const visits = new Map<number, Visit>()
  const operators = new Map<number, ReadonlySet<number>>()
  const faults = new Map<number, string>()
  const idsOf = (name: string, isNamed: boolean) =>
    types.flatMap((type, id) => (type === name && nodeTypeIsNamed(id) === isNamed ? [id] : []))
  const mark = (names: readonly string[], role: number) => {
    for (const name of names) for (const id of idsOf(name, true)) roles[id]! |= role
  }

  for (let id = 0; id < types.length; id++) if (nodeTypeIsNamed(id)) roles[id] = NAMED
  roles[ERROR_TYPE] = NAMED | FAULT
  mark(rules.comments, COMMENT)
  mark(rules.branches ?? [], BRANCH)
  const visited = [rules.facts, rules.branchesIf, rules.functions, rules.surroundings].flatMap((part) =>
    Object.keys(part ?? {}),
  )
  for (const name of new Set(visited)) {
    const visit: Visit = {
      fact: rules.facts[name],
      branches: rules.branchesIf?.[name],
      function: rules.functions?.[name],
      surroundings: rules.surroundings?.[name],
      looks: [rules.facts, rules.branchesIf, rules.functions].some((part) => part?.[name] !== undefined),
    }
    for (const id of idsOf(name, true)) {
      roles[id]! |= VISITED
      visits.set(id, visit)
    }
  }
  for (const [token, parents] of Object.entries(rules.operators ?? {})) {
    const parentIds = new Set(parents.flatMap((parent) => idsOf(parent, true)))
    for (const id of idsOf(token, false)) {
      roles[id]! |= OPERATOR
      operators.set(id, parentIds)
    }
  }
  for (const [name, told] of Object.entries(rules.faults ?? {})) {
    for (const id of idsOf(name, true)) {
      roles[id]! |= FAULT
      faults.set(id, told)
    }
  }
  return { roles, names: types, visits, operators, faults, decides: rules.decides }
}

/** What a grammar tells of its types. */
export interface GrammarTypes {
  readonly types: readonly string[]
  readonly nodeTypeIsNamed: (id: number) => boolean
}

export function typesOf(language: Language): GrammarTypes {
  return { types: language.types, nodeTypeIsNamed: (id) => language.nodeTypeIsNamed(id) }
}
