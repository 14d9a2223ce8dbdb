import { C_BRANCHES, C_FACTS } from './c.ts'
import { definedFunction, withMembers } from './c-declarators.ts'
import type { LanguageRules } from './language.ts'
import { field, named, namedByParent, vscodeGrammar } from './rule-parts.ts'

/** C++. What is defined behind `Type::` is a method; `using` brings in names, not files, and is no import. */
export const cpp: LanguageRules = {
  grammar: vscodeGrammar('cpp'),
  comments: ['comment'],
  decides: true,
  branches: [...C_BRANCHES, 'for_range_loop', 'catch_clause'],
  operators: {
    case: ['case_statement'],
    '&&': ['binary_expression'],
    '||': ['binary_expression'],
    and: ['binary_expression'],
    or: ['binary_expression'],
  },
  functions: {
    function_definition: definedFunction(({ isQualified }, sink) =>
      sink.around === 'type' || isQualified ? 'method' : 'function',
    ),
    lambda_expression: namedByParent({
      init_declarator: ['declarator', 'value'],
      assignment_expression: ['left', 'right'],
      field_declaration: ['declarator', 'default_value'],
    }),
  },
  facts: {
    ...C_FACTS,
    import_declaration: (node, sink) => {
      const name = field(node, 'name') ?? field(node, 'header')
      if (name !== null) sink.import('static', sink.text(name).replace(/^"(.*)"$/, '$1'), ['*'])
    },
    class_specifier: withMembers(named('class')),
    namespace_definition: named('namespace'),
    alias_declaration: named('type'),
    concept_definition: named('type'),
  },
  surroundings: {
    class_specifier: 'type',
    struct_specifier: 'type',
    union_specifier: 'type',
    namespace_definition: 'namespace',
    // A friend belongs to what is around the class.
    friend_declaration: 'namespace',
  },
}
