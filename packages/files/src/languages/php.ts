import type { ImportFact } from '../processor/syntax-record.ts'
import type { FactRule, FactSink, LanguageRules } from './language.ts'
import {
  childrenOf,
  declared,
  field,
  literalText,
  named,
  namedByParent,
  splitPath,
  vscodeGrammar,
} from './rule-parts.ts'
import type { SyntaxNode } from './syntax-node.ts'

/** `include 'a.php'`, in parentheses or not. */
function includes(kind: ImportFact['kind']): FactRule {
  return (node, sink) => {
    const inner = node.namedChild(0)
    const from = literalText(inner?.type === 'parenthesized_expression' ? inner.namedChild(0) : inner, sink)
    if (from !== undefined) sink.import(kind, from)
  }
}

const DEFINING = /\\?define\s*\(/y
const ASSIGNED = { assignment_expression: ['left', 'right'] } as const

/** PHP. `use A\B\C` takes `C` of `A\B`; the text around `<?php` is a part of the tree without facts. */
export const php: LanguageRules = {
  grammar: vscodeGrammar('php'),
  comments: ['comment'],
  decides: true,
  branches: [
    'if_statement',
    'else_if_clause',
    'conditional_expression',
    'for_statement',
    'foreach_statement',
    'while_statement',
    'do_statement',
    'case_statement',
    'match_conditional_expression',
    'catch_clause',
  ],
  operators: {
    '&&': ['binary_expression'],
    '||': ['binary_expression'],
    and: ['binary_expression'],
    or: ['binary_expression'],
    '??': ['binary_expression'],
    '??=': ['augmented_assignment_expression'],
  },
  functions: {
    function_definition: declared('function'),
    method_declaration: declared('method'),
    anonymous_function: namedByParent(ASSIGNED),
    arrow_function: namedByParent(ASSIGNED),
    property_hook: (node) => (field(node, 'body') === null ? undefined : (childrenOf(node, 'name')[0] ?? null)),
  },
  facts: {
    namespace_use_declaration: (node, sink) => {
      for (const [from, names] of uses(node, sink)) sink.import('static', from, names)
    },
    include_expression: includes('include'),
    include_once_expression: includes('include'),
    require_expression: includes('require'),
    require_once_expression: includes('require'),
    namespace_definition: named('namespace'),
    class_declaration: named('class'),
    interface_declaration: named('interface'),
    trait_declaration: named('trait'),
    enum_declaration: named('enum'),
    property_element: (node, sink) => sink.declare('property', bare(node, sink), node),
    property_promotion_parameter: (node, sink) => sink.declare('property', bare(node, sink), node),
    const_element: (node, sink) => {
      if (sink.around !== 'function')
        sink.declare(sink.around === 'type' ? 'property' : 'variable', node.namedChild(0), node)
    },
    function_call_expression: (node, sink) => {
      if (!sink.begins(node, DEFINING)) return
      const name = literalText(field(node, 'arguments')?.namedChild(0)?.namedChild(0) ?? null, sink)
      sink.declare('variable', name ?? null, node)
    },
  },
  surroundings: {
    namespace_definition: 'namespace',
    class_declaration: 'type',
    anonymous_class: 'type',
    interface_declaration: 'type',
    trait_declaration: 'type',
    enum_declaration: 'type',
  },
}

/** The names a statement takes, by what they are taken of: `use A\{B, C}` is `B` and `C` of `A`. */
function uses(node: SyntaxNode, sink: FactSink): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const group = field(node, 'body')
  const prefix = group === null ? '' : `${childrenOf(node, 'namespace_name').map((name) => sink.text(name))[0] ?? ''}\\`
  for (const clause of childrenOf(group ?? node, 'namespace_use_clause')) {
    const path = childrenOf(clause, 'qualified_name', 'name', 'namespace_name')[0]
    if (path === undefined) continue
    const [from, name] = splitPath(prefix + sink.text(path).replace(/^\\/, ''), '\\')
    found.set(from, [...(found.get(from) ?? []), name])
  }
  return found
}

/** A variable's name without its `$`. */
function bare(node: SyntaxNode, sink: FactSink): string | null {
  const name = field(node, 'name')
  return name === null ? null : sink.text(name).replace(/^\$/, '')
}
