import type { FactSink, LanguageRules } from './language.ts'
import { childrenOf, field, functionOrMethod, literalText, named, namedByParent, vscodeGrammar } from './rule-parts.ts'
import type { SyntaxNode } from './syntax-node.ts'

/** Calls that load a module whose name they are given. */
const LOADING = /(?:__import__|(?:importlib\.)?import_module)\s*\(/y

/** Python. `import a` takes all of `a`. A comprehension is a loop, and its `if` a decision. */
export const python: LanguageRules = {
  grammar: vscodeGrammar('python'),
  comments: ['comment'],
  decides: true,
  branches: [
    'if_statement',
    'elif_clause',
    'if_clause',
    'conditional_expression',
    'for_statement',
    'for_in_clause',
    'while_statement',
    'except_clause',
    'boolean_operator',
  ],
  branchesIf: { case_clause: (node, sink) => !isWildcard(node, sink) },
  functions: {
    function_definition: (node, sink) =>
      sink.parentType === 'decorated_definition' && sink.around === 'type'
        ? decorated(node, sink)
        : functionOrMethod(node, sink),
    lambda: namedByParent({
      assignment: ['left', 'right'],
      default_parameter: ['name', 'value'],
      typed_default_parameter: ['name', 'value'],
      keyword_argument: ['name', 'value'],
    }),
  },
  facts: {
    import_statement: (node, sink) => {
      for (const name of node.childrenForFieldName('name')) sink.import('static', sink.text(unaliased(name)), ['*'])
    },
    future_import_statement: (node, sink) => sink.import('static', '__future__', namesOf(node, sink)),
    import_from_statement: (node, sink) =>
      sink.import('static', sink.text(field(node, 'module_name')!), namesOf(node, sink)),
    call: (node, sink) => {
      if (!sink.begins(node, LOADING)) return
      const from = literalText(field(node, 'arguments')?.namedChild(0) ?? null, sink)
      if (from !== undefined) sink.import('dynamic', from)
    },
    class_definition: named('class'),
    type_alias_statement: (node, sink) => sink.declare('type', sink.text(field(node, 'left')!).split('[', 1)[0]!, node),
    assignment: (node, sink) => {
      if (sink.around === 'function' || sink.parentType !== 'expression_statement') return
      for (const target of targets(field(node, 'left'))) {
        if (sink.around === 'type') sink.declare('property', target, node)
        else sink.declareOnce('variable', target, node)
      }
    },
  },
  surroundings: { class_definition: 'type' },
}

/** `case _:` takes what is left, as `default` does elsewhere. */
function isWildcard(node: SyntaxNode, sink: FactSink): boolean {
  const patterns = childrenOf(node, 'case_pattern')
  return patterns.length === 1 && sink.text(patterns[0]!) === '_'
}

/** A member that `@property` or `@….setter` stands above. */
function decorated(node: SyntaxNode, sink: FactSink): SyntaxNode | null {
  const decorators = childrenOf(node.parent!, 'decorator').map((decorator) => sink.text(decorator))
  const isGetter = decorators.some((decorator) => /^@(?:\w+\.)?(?:cached_)?property$/.test(decorator))
  const isSetter = decorators.some((decorator) => decorator.endsWith('.setter'))
  const name = field(node, 'name')
  sink.declare(isGetter ? 'getter' : isSetter ? 'setter' : 'method', name, node)
  return name
}

function namesOf(node: SyntaxNode, sink: FactSink): string[] {
  const names = node.childrenForFieldName('name').map((name) => sink.text(unaliased(name)))
  return names.length === 0 ? ['*'] : names
}

function unaliased(node: SyntaxNode): SyntaxNode {
  return node.type === 'aliased_import' ? field(node, 'name')! : node
}

/** The names that an assignment gives something to; what has a dot or an index before it is no name of its own. */
function targets(left: SyntaxNode | null): SyntaxNode[] {
  if (left === null) return []
  if (left.type === 'identifier') return [left]
  return PATTERNS.has(left.type) ? left.namedChildren.flatMap(targets) : []
}

const PATTERNS = new Set(['pattern_list', 'tuple_pattern', 'list_pattern', 'list_splat_pattern'])
