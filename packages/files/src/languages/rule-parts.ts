import type { DeclarationKind } from '../processor/syntax-record.ts'
import type { FactRule, FactSink, FunctionRule } from './language.ts'
import type { SyntaxNode } from './syntax-node.ts'

/** The grammars of this package are named alike. */
export function vscodeGrammar(name: string) {
  return { package: '@vscode/tree-sitter-wasm', file: `wasm/tree-sitter-${name}.wasm` }
}

/** The node in a field, or null. */
export function field(node: SyntaxNode, name: string): SyntaxNode | null {
  return node.childForFieldName(name)
}

/** Declares what the field `name` calls it. */
export function named(kind: DeclarationKind): FactRule {
  return (node, sink) => sink.declare(kind, field(node, 'name'), node)
}

/** Declares a function that its field `name` names; with a body it is one. */
export function declared(kind: DeclarationKind): FunctionRule {
  return (node, sink) => {
    const name = field(node, 'name')
    sink.declare(kind, name, node)
    return field(node, 'body') === null ? undefined : name
  }
}

const asFunction = declared('function')
const asMethod = declared('method')

/** As {@link declared}; among the members of a type it is a method. */
export const functionOrMethod: FunctionRule = (node, sink) =>
  (sink.around === 'type' ? asMethod : asFunction)(node, sink)

/** A function without a name of its own: it has that of what it is first put in, `[field of the name, field of the value]` by the type of its parent. */
export function namedByParent(parents: Readonly<Record<string, readonly [string, string]>>): FunctionRule {
  return (node, sink) => {
    const fields = parents[sink.parentType]
    const parent = fields && node.parent
    if (!parent || field(parent, fields[1])?.id !== node.id) return null
    const target = field(parent, fields[0])
    return target === null ? null : lastName(sink.text(target))
  }
}

/** `name` of `a.b.name`, `a->name` or `$name`; null where there is none, as of `a[0]`. */
export function lastName(text: string): string | null {
  return /[\p{ID_Start}_][\p{ID_Continue}$]*$/u.exec(text)?.[0] ?? null
}

/** `["a.b", "c"]` of `a.b.c`: a module, and what is taken of it; of a single name, all of it is taken. */
export function splitPath(path: string, separator: string): readonly [string, string] {
  const at = path.lastIndexOf(separator)
  return at <= 0 ? [path, '*'] : [path.slice(0, at), path.slice(at + separator.length)]
}

/** What a string literal says, its quotes left out; undefined where it is not just text. */
export function literalText(node: SyntaxNode | null, sink: FactSink): string | undefined {
  if (node === null) return undefined
  const text = sink.text(node)
  const quoted = /^(["'`])(.*)\1$/s.exec(text)
  return quoted === null || node.namedChildren.some((child) => !PLAIN.has(child.type)) ? undefined : quoted[2]
}

const PLAIN = new Set([
  'string_content',
  'string_start',
  'string_end',
  'string_fragment',
  'string_literal_content',
  'interpreted_string_literal_content',
  'raw_string_literal_content',
  'escape_sequence',
])

/** The children of these types, in order. */
export function childrenOf(node: SyntaxNode, ...types: readonly string[]): SyntaxNode[] {
  return node.namedChildren.filter((child) => types.includes(child.type))
}
