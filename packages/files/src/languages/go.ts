import type { DeclarationKind } from '../processor/syntax-record.ts'
import type { FactRule, FactSink, LanguageRules } from './language.ts'
import { declared, field, lastName, literalText, named, vscodeGrammar } from './rule-parts.ts'
import type { SyntaxNode } from './syntax-node.ts'

const TYPES: Readonly<Record<string, DeclarationKind>> = { struct_type: 'struct', interface_type: 'interface' }

const variables: FactRule = (node, sink) => {
  if (sink.around === 'function') return
  for (const name of namesIn(node)) sink.declare('variable', name, node)
}

/** Go. `import _ "a"` takes no name of `a`, every other import all. */
export const go: LanguageRules = {
  grammar: vscodeGrammar('go'),
  comments: ['comment'],
  decides: true,
  branches: ['if_statement', 'for_statement', 'expression_case', 'type_case', 'communication_case'],
  operators: { '&&': ['binary_expression'], '||': ['binary_expression'] },
  functions: {
    function_declaration: declared('function'),
    method_declaration: declared('method'),
    func_literal: literalName,
  },
  facts: {
    import_spec: (node, sink) => {
      const from = literalText(field(node, 'path'), sink)
      if (from !== undefined) sink.import('static', from, field(node, 'name')?.type === 'blank_identifier' ? [] : ['*'])
    },
    method_elem: named('method'),
    type_spec: (node, sink) =>
      sink.declare(TYPES[field(node, 'type')?.type ?? ''] ?? 'type', field(node, 'name'), node),
    type_alias: named('type'),
    field_declaration: (node, sink) => {
      for (const name of namesIn(node)) sink.declare('property', name, node)
    },
    const_spec: variables,
    var_spec: variables,
  },
  surroundings: { struct_type: 'type', interface_type: 'type' },
}

function namesIn(node: SyntaxNode): SyntaxNode[] {
  return node.childrenForFieldName('name').filter(({ isNamed }) => isNamed)
}

/** The name at its own place among those that are assigned to, as in `a, b := 1, func() {}`. */
function literalName(node: SyntaxNode, sink: FactSink): string | null {
  if (sink.parentType !== 'expression_list') return null
  const list = node.parent
  const statement = list?.parent
  if (!list || !statement) return null
  const at = list.namedChildren.findIndex(({ id }) => id === node.id)
  const targets = statement.type === 'var_spec' ? namesIn(statement) : field(statement, 'left')?.namedChildren
  const target = targets?.[at]
  return target === undefined ? null : lastName(sink.text(target))
}
