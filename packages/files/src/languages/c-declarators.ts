import type { DeclarationKind } from '../processor/syntax-record.ts'
import type { FactRule, FactSink, FunctionRule } from './language.ts'
import { field, literalText } from './rule-parts.ts'
import type { SyntaxNode } from './syntax-node.ts'

/** What a declarator of C or C++ declares. */
export interface Declared {
  readonly name: SyntaxNode
  /** Whether it is a function, and no pointer to one. */
  readonly isFunction: boolean
  /** Whether it stands behind `Type::`. */
  readonly isQualified: boolean
}

/**
 * Reads a declarator from the outside in: what stands directly around the name says what it is, as in `int (*pick(int))(void)`, which is a
 * function, and `int (*pick)(int)`, which is none.
 */
function declaredBy(declarator: SyntaxNode | null): Declared | undefined {
  let innermost = ''
  let node = declarator
  while (node !== null && node.type !== 'operator_cast') {
    const inner: SyntaxNode | null = field(node, 'declarator') ?? (WRAPPERS.has(node.type) ? node.namedChild(0) : null)
    if (inner === null) break
    if (node.type !== 'parenthesized_declarator') innermost = node.type
    node = inner
  }
  if (node === null) return undefined
  const isQualified = node.type === 'qualified_identifier'
  const isFunction = innermost === 'function_declarator' || node.type === 'operator_cast'
  return { name: unqualified(node), isFunction, isQualified }
}

const WRAPPERS = new Set(['parenthesized_declarator', 'reference_declarator', 'attributed_declarator'])

/** The last part of `A::b::c`. */
function unqualified(node: SyntaxNode): SyntaxNode {
  let last = node
  while (last.type === 'qualified_identifier') {
    const name = field(last, 'name')
    if (name === null) break
    last = name
  }
  return last
}

/** The name of a declared thing as it is read: `operator bool` of `operator bool() const`. */
function declaredName({ name }: Declared, sink: FactSink): SyntaxNode | string {
  if (name.type !== 'operator_cast') return name
  const text = sink.text(name)
  return text.slice(0, text.indexOf('(')).trim()
}

/** Each declarator of a declaration: a prototype is a function, among members a method; everything else a variable, or a property. */
export const declarators: FactRule = (node, sink) => {
  if (sink.around === 'function') return
  const isMember = sink.around === 'type'
  for (const declarator of node.childrenForFieldName('declarator')) {
    const declared = declaredBy(declarator)
    if (declared === undefined) continue
    const kind = declared.isFunction ? (isMember ? 'method' : 'function') : isMember ? 'property' : 'variable'
    sink.declare(kind, declaredName(declared, sink), declared.isFunction ? node : declarator)
  }
}

/** `typedef`: every name it gives. */
export const typedefs: FactRule = (node, sink) => {
  for (const declarator of node.childrenForFieldName('declarator')) {
    const declared = declaredBy(declarator)
    if (declared !== undefined) sink.declare('type', declared.name, node)
  }
}

/** Includes as written, between quotes or brackets: `<a.h>` is looked for elsewhere than `"a.h"`, so brackets stay. Macros are computed. */
export const includes: FactRule = (node, sink) => {
  const path = field(node, 'path')
  const from = path?.type === 'system_lib_string' ? sink.text(path) : literalText(path, sink)
  if (from !== undefined) sink.import('include', from)
}

/** Declares a type where its members stand; without them it is only named. */
export function withMembers(rule: FactRule): FactRule {
  return (node, sink) => {
    if (field(node, 'body') !== null) rule(node, sink)
  }
}

/** Declares a function of the kind that it is told, with a body or as `= default`. */
export function definedFunction(kindOf: (declared: Declared, sink: FactSink) => DeclarationKind): FunctionRule {
  return (node, sink) => {
    const declared = declaredBy(field(node, 'declarator'))
    if (declared === undefined) return undefined
    const name = declaredName(declared, sink)
    sink.declare(kindOf(declared, sink), name, node)
    const hasBody = field(node, 'body') !== null || node.namedChildren.some(({ type }) => type === 'try_statement')
    return hasBody ? name : undefined
  }
}
