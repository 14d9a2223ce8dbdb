import type { LanguageRules } from './language.ts'
import { declared, field, literalText, vscodeGrammar } from './rule-parts.ts'

const SOURCING = /(?:source|\.)\s/y

/** Bash. Variables are those that are set outside of functions, each once; `&&` and `||` between commands decide. */
export const bash: LanguageRules = {
  grammar: vscodeGrammar('bash'),
  comments: ['comment'],
  decides: true,
  branches: [
    'if_statement',
    'elif_clause',
    'for_statement',
    'c_style_for_statement',
    'while_statement',
    'ternary_expression',
  ],
  branchesIf: {
    case_item: (node, sink) => {
      const values = node.childrenForFieldName('value')
      return !values.some((value) => sink.text(value) === '*')
    },
  },
  operators: { '&&': ['list', 'binary_expression'], '||': ['list', 'binary_expression'] },
  functions: { function_definition: declared('function') },
  facts: {
    command: (node, sink) => {
      if (!sink.begins(node, SOURCING)) return
      const file = field(node, 'argument')
      if (file === null) return
      const from = file.type === 'word' ? sink.text(file) : literalText(file, sink)
      if (from !== undefined) sink.import('include', from)
    },
    variable_assignment: (node, sink) => {
      // What stands before a command is set for it alone.
      if (sink.around === 'function' || sink.parentType === 'command') return
      const name = field(node, 'name')
      if (name?.type === 'variable_name') sink.declareOnce('variable', name, node)
    },
  },
}
