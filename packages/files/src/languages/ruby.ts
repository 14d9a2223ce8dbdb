import type { FactSink, LanguageRules } from './language.ts'
import { field, lastName, literalText, named, namedByParent, vscodeGrammar } from './rule-parts.ts'
import type { SyntaxNode } from './syntax-node.ts'

/** Calls that say something of the file or the class they stand in. */
const TELLING = /(?:require|require_relative|load|autoload|attr_accessor|attr_reader|attr_writer)\b/y
const ASSIGNED = { assignment: ['left', 'right'] } as const

/** Ruby. A block is part of the method it stands in; a lambda or proc is a function. */
export const ruby: LanguageRules = {
  grammar: vscodeGrammar('ruby'),
  comments: ['comment'],
  decides: true,
  branches: [
    'if',
    'elsif',
    'unless',
    'if_modifier',
    'unless_modifier',
    'if_guard',
    'unless_guard',
    'conditional',
    'for',
    'while',
    'until',
    'while_modifier',
    'until_modifier',
    'when',
    'in_clause',
    'rescue',
    'rescue_modifier',
  ],
  operators: {
    '&&': ['binary'],
    '||': ['binary'],
    and: ['binary'],
    or: ['binary'],
    '&&=': ['operator_assignment'],
    '||=': ['operator_assignment'],
  },
  functions: {
    method: (node, sink) => declaredMethod(sink.around === 'type' ? 'method' : 'function', node, sink),
    singleton_method: (node, sink) => declaredMethod('method', node, sink),
    lambda: namedByParent(ASSIGNED),
    block: procName,
    do_block: procName,
  },
  facts: {
    call: (node, sink) => {
      if (sink.begins(node, TELLING) && field(node, 'receiver') === null) tell(node, sink)
    },
    module: named('namespace'),
    class: named('class'),
    assignment: (node, sink) => {
      const left = field(node, 'left')
      if (left?.type === 'constant' && sink.around !== 'function') sink.declare('variable', left, node)
    },
  },
  surroundings: { module: 'type', class: 'type', singleton_class: 'type' },
}

/** Without a body too: it has an empty one. */
function declaredMethod(kind: 'function' | 'method', node: SyntaxNode, sink: FactSink): SyntaxNode | null {
  const name = field(node, 'name')
  sink.declare(kind, name, node)
  return name
}

function tell(node: SyntaxNode, sink: FactSink): void {
  const method = sink.text(field(node, 'method')!)
  const list = field(node, 'arguments')?.namedChildren ?? []
  if (method.startsWith('attr_')) {
    for (const symbol of list)
      if (symbol.type === 'simple_symbol') sink.declare('property', sink.text(symbol).slice(1), symbol)
    return
  }
  const from = literalText(list[method === 'autoload' ? 1 : 0] ?? null, sink)
  if (from !== undefined) sink.import(method === 'autoload' ? 'dynamic' : 'require', from)
}

/** `lambda { … }` and `proc do … end`, by what they are assigned to. */
function procName(node: SyntaxNode, sink: FactSink): string | null | undefined {
  const call = sink.parentType === 'call' ? node.parent : null
  const method = call && field(call, 'method')
  if (!method || !/^(?:lambda|proc)$/.test(sink.text(method))) return undefined
  const assignment = call.parent
  const target = assignment?.type === 'assignment' ? field(assignment, 'left') : null
  return target === null ? null : lastName(sink.text(target))
}
