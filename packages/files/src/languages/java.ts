import type { FactRule, LanguageRules } from './language.ts'
import { declared, field, named, namedByParent, splitPath, vscodeGrammar } from './rule-parts.ts'

const fields: FactRule = (node, sink) => {
  for (const declarator of node.childrenForFieldName('declarator')) {
    sink.declare('property', field(declarator, 'name'), declarator)
  }
}

/** Java. `import a.b.C` takes `C` of `a.b`. */
export const java: LanguageRules = {
  grammar: vscodeGrammar('java'),
  comments: ['line_comment', 'block_comment'],
  decides: true,
  branches: [
    'if_statement',
    'ternary_expression',
    'for_statement',
    'enhanced_for_statement',
    'while_statement',
    'do_statement',
    'catch_clause',
    'guard',
  ],
  operators: { case: ['switch_label'], '&&': ['binary_expression'], '||': ['binary_expression'] },
  functions: {
    method_declaration: declared('method'),
    constructor_declaration: declared('method'),
    compact_constructor_declaration: declared('method'),
    lambda_expression: namedByParent({
      variable_declarator: ['name', 'value'],
      assignment_expression: ['left', 'right'],
    }),
  },
  facts: {
    import_declaration: (node, sink) => {
      const path = node.namedChildren.find(({ type }) => type === 'scoped_identifier' || type === 'identifier')
      if (path === undefined) return
      const all = node.namedChildren.some(({ type }) => type === 'asterisk')
      const [from, name] = all ? [sink.text(path), '*'] : splitPath(sink.text(path), '.')
      sink.import('static', from, [name])
    },
    requires_module_directive: (node, sink) => {
      const module = field(node, 'module')
      if (module !== null) sink.import('static', sink.text(module), ['*'])
    },
    module_declaration: named('namespace'),
    class_declaration: named('class'),
    record_declaration: named('class'),
    interface_declaration: named('interface'),
    annotation_type_declaration: named('interface'),
    enum_declaration: named('enum'),
    annotation_type_element_declaration: named('method'),
    field_declaration: fields,
    constant_declaration: fields,
  },
  surroundings: { class_body: 'type', interface_body: 'type', enum_body: 'type', annotation_type_body: 'type' },
}
