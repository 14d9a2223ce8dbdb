import type { AstDialect } from './syntax-record.ts'

/** An object of a JSON document. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The field in which nodes say what they are. */
export type NodeLabel = 'type' | 'kind' | 'nodeType' | '_type'

export interface FoundTree {
  readonly dialect: AstDialect
  readonly root: JsonObject
  readonly label: NodeLabel
}

const LABELS: readonly NodeLabel[] = ['type', 'kind', 'nodeType', '_type']
/** How far below the top of a document a tree may begin, in objects. */
const WRAPPERS = 3
/** Objects looked at before the search is given up: a wrapper is small. */
const LOOKED_AT = 1000

/** The first tree in a document, nearest to its top, and what kind of tree it is. */
export function findTree(document: unknown): FoundTree | undefined {
  let level: unknown[] = [document]
  let looked = 0
  for (let depth = 0; depth <= WRAPPERS && level.length > 0; depth++) {
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      if (++looked > LOOKED_AT) return undefined
      const tree = Array.isArray(value) ? undefined : treeAt(value as JsonObject)
      if (tree !== undefined) return tree
      for (const inner of Object.values(value)) next.push(inner)
    }
    level = next
  }
  return undefined
}

/** The label of a node: a string, or a number as TypeScript's own trees have it. */
export function isLabelled(value: JsonObject, label: NodeLabel): boolean {
  const name = value[label]
  return (typeof name === 'string' && name !== '') || (label === 'kind' && typeof name === 'number')
}

function treeAt(root: JsonObject): FoundTree | undefined {
  const label = LABELS.find((candidate) => isLabelled(root, candidate))
  if (label === undefined) return undefined
  const program = root.type === 'File' ? root.program : root
  if (isProgram(program)) {
    const babel = program !== root || Array.isArray(program.directives)
    return { dialect: babel ? 'babel' : 'estree', root, label: 'type' }
  }
  if (Array.isArray(root.children))
    return { dialect: isGrammarName(root.type) ? 'tree-sitter' : 'generic', root, label }
  // One labelled object alone is no tree: much JSON has a "type".
  return Object.values(root).some((value) => holdsNode(value, label)) ? { dialect: 'generic', root, label } : undefined
}

function isProgram(value: unknown): value is JsonObject {
  return isObject(value) && value.type === 'Program' && Array.isArray(value.body)
}

/** Rules of tree-sitter's grammars are in snake case: `source_file`, `program`. */
function isGrammarName(name: unknown): boolean {
  return typeof name === 'string' && /^[a-z][a-z0-9_]*$/.test(name)
}

function holdsNode(value: unknown, label: NodeLabel): boolean {
  if (Array.isArray(value)) return value.some((item) => isObject(item) && isLabelled(item, label))
  return isObject(value) && isLabelled(value, label)
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
