import type { FactSink, FunctionRule, LanguageRules } from './language.ts'
import { declared, field, lastName, named, vscodeGrammar } from './rule-parts.ts'
import type { SyntaxNode } from './syntax-node.ts'

/** C#. `using` takes all of what it names. A property or indexer with a body of its own is a function by its accessors. */
export const csharp: LanguageRules = {
  grammar: vscodeGrammar('c-sharp'),
  comments: ['comment'],
  decides: true,
  branches: [
    'if_statement',
    'conditional_expression',
    'for_statement',
    'foreach_statement',
    'while_statement',
    'do_statement',
    'catch_clause',
    'catch_filter_clause',
    'when_clause',
    'preproc_if',
    'preproc_elif',
  ],
  branchesIf: {
    switch_expression_arm: (node) => node.namedChild(0)?.type !== 'discard',
  },
  operators: {
    case: ['switch_section'],
    '&&': ['binary_expression'],
    '||': ['binary_expression'],
    '??': ['binary_expression'],
    '??=': ['assignment_expression'],
  },
  functions: {
    method_declaration: declared('method'),
    constructor_declaration: declared('method'),
    destructor_declaration: (node, sink) => (field(node, 'body') === null ? undefined : destructorName(node, sink)),
    operator_declaration: (node, sink) => (field(node, 'body') === null ? undefined : operatorName(node, sink)),
    conversion_operator_declaration: (node, sink) =>
      field(node, 'body') === null ? undefined : operatorName(node, sink),
    local_function_statement: declared('function'),
    accessor_declaration: accessorName,
    property_declaration: (node) => (isArrow(node) ? field(node, 'name') : undefined),
    indexer_declaration: (node) => (isArrow(node) ? 'this' : undefined),
    lambda_expression: assignedName,
    anonymous_method_expression: assignedName,
  },
  facts: {
    using_directive: (node, sink) => {
      const target = node.namedChildren.at(-1)
      if (target !== undefined) sink.import('static', sink.text(target), ['*'])
    },
    extern_alias_directive: (node, sink) => sink.import('static', sink.text(field(node, 'name')!), ['*']),
    namespace_declaration: named('namespace'),
    file_scoped_namespace_declaration: named('namespace'),
    class_declaration: named('class'),
    record_declaration: (node, sink) =>
      sink.declare(node.children.some(({ type }) => type === 'struct') ? 'struct' : 'class', field(node, 'name'), node),
    struct_declaration: named('struct'),
    interface_declaration: named('interface'),
    enum_declaration: named('enum'),
    delegate_declaration: named('type'),
    destructor_declaration: (node, sink) => sink.declare('method', destructorName(node, sink), node),
    operator_declaration: (node, sink) => sink.declare('method', operatorName(node, sink), node),
    conversion_operator_declaration: (node, sink) => sink.declare('method', operatorName(node, sink), node),
    property_declaration: named('property'),
    event_declaration: named('property'),
    indexer_declaration: (node, sink) => sink.declare('property', 'this', node),
    variable_declarator: (node, sink) => {
      if (sink.around !== 'function')
        sink.declare(sink.around === 'type' ? 'property' : 'variable', field(node, 'name'), node)
    },
  },
  surroundings: {
    namespace_declaration: 'namespace',
    class_declaration: 'type',
    record_declaration: 'type',
    struct_declaration: 'type',
    interface_declaration: 'type',
  },
}

function isArrow(node: SyntaxNode): boolean {
  return field(node, 'value')?.type === 'arrow_expression_clause'
}

/** That of its property or event; of an indexer there is only `this`. */
function accessorName(node: SyntaxNode): ReturnType<FunctionRule> {
  if (field(node, 'body') === null) return undefined
  const owner = node.parent?.parent
  return (owner && field(owner, 'name')) ?? 'this'
}

function destructorName(node: SyntaxNode, sink: FactSink): string {
  return `~${sink.text(field(node, 'name')!)}`
}

/** `operator +`, or `operator int` of a conversion. */
function operatorName(node: SyntaxNode, sink: FactSink): string | null {
  const name = field(node, 'operator') ?? field(node, 'type')
  return name === null ? null : `operator ${sink.text(name)}`
}

function assignedName(node: SyntaxNode, sink: FactSink): ReturnType<FunctionRule> {
  const parent = /^(?:variable_declarator|assignment_expression)$/.test(sink.parentType) ? node.parent : null
  if (parent === null) return null
  const target = field(parent, 'name') ?? field(parent, 'left')
  return target === null ? null : lastName(sink.text(target))
}
