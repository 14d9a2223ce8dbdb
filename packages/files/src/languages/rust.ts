import type { FactRule, FactSink, LanguageRules } from './language.ts'
import { childrenOf, field, functionOrMethod, named, namedByParent, splitPath, vscodeGrammar } from './rule-parts.ts'
import type { SyntaxNode } from './syntax-node.ts'

const constant: FactRule = (node, sink) => {
  if (sink.around !== 'function')
    sink.declare(sink.around === 'type' ? 'property' : 'variable', field(node, 'name'), node)
}

/** Rust. `use a::b::C` takes `C` of `a::b`; `mod a;` brings in a file. `?` and `let … else` decide. */
export const rust: LanguageRules = {
  grammar: vscodeGrammar('rust'),
  comments: ['line_comment', 'block_comment'],
  decides: true,
  branches: ['if_expression', 'while_expression', 'for_expression', 'loop_expression', 'try_expression'],
  branchesIf: {
    match_arm: (node, sink) => {
      const pattern = field(node, 'pattern')?.firstChild
      return !pattern || sink.text(pattern) !== '_'
    },
    match_pattern: (node) => field(node, 'condition') !== null,
    let_declaration: (node) => field(node, 'alternative') !== null,
  },
  operators: { '&&': ['binary_expression', 'let_chain'], '||': ['binary_expression'] },
  functions: {
    function_item: functionOrMethod,
    function_signature_item: functionOrMethod,
    closure_expression: namedByParent({
      let_declaration: ['pattern', 'value'],
      assignment_expression: ['left', 'right'],
      field_initializer: ['field', 'value'],
      const_item: ['name', 'value'],
      static_item: ['name', 'value'],
    }),
  },
  facts: {
    use_declaration: (node, sink) => {
      const kind = childrenOf(node, 'visibility_modifier').length > 0 ? 'reexport' : 'static'
      const argument = field(node, 'argument')
      if (argument !== null) for (const [from, names] of uses(argument, '', sink)) sink.import(kind, from, names)
    },
    extern_crate_declaration: (node, sink) => sink.import('static', sink.text(field(node, 'name')!), ['*']),
    mod_item: (node, sink) => {
      const name = field(node, 'name')!
      if (field(node, 'body') === null) sink.import('include', sink.text(name))
      else sink.declare('namespace', name, node)
    },
    struct_item: named('struct'),
    union_item: named('union'),
    enum_item: named('enum'),
    trait_item: named('trait'),
    type_item: named('type'),
    associated_type: named('type'),
    macro_definition: named('macro'),
    field_declaration: named('property'),
    const_item: constant,
    static_item: constant,
  },
  surroundings: {
    impl_item: 'type',
    trait_item: 'type',
    struct_item: 'type',
    union_item: 'type',
    enum_item: 'type',
    mod_item: 'namespace',
  },
}

/** What a tree of `use` takes, one entry a module: `a::{b, c::d}` is `b` of `a` and `d` of `a::c`. */
function uses(node: SyntaxNode, prefix: string, sink: FactSink): [string, string[]][] {
  const path = (inner: SyntaxNode | null) => joined(prefix, inner === null ? '' : sink.text(inner))
  switch (node.type) {
    case 'use_as_clause':
      return uses(field(node, 'path')!, prefix, sink)
    case 'use_wildcard':
      return [[path(node.namedChild(0)), ['*']]]
    case 'scoped_use_list':
      return uses(field(node, 'list')!, path(field(node, 'path')), sink)
    case 'use_list':
      return merged(
        prefix,
        node.namedChildren.flatMap((child) => uses(child, prefix, sink)),
      )
    case 'self':
      return [[prefix === '' ? 'self' : prefix, ['*']]]
    default: {
      const [from, name] = splitPath(path(node), '::')
      return [[from, [name]]]
    }
  }
}

/** Names taken of `prefix` itself stand together, before those of what is below it. */
function merged(prefix: string, found: readonly [string, string[]][]): [string, string[]][] {
  const own = found.filter(([from]) => from === prefix).flatMap(([, names]) => names)
  const others = found.filter(([from]) => from !== prefix)
  return own.length === 0 ? others : [[prefix, own], ...others]
}

function joined(prefix: string, path: string): string {
  return prefix === '' || path === '' ? prefix + path : `${prefix}::${path}`
}
