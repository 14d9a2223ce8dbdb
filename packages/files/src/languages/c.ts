import { declarators, definedFunction, includes, typedefs, withMembers } from './c-declarators.ts'
import type { LanguageRules } from './language.ts'
import { named } from './rule-parts.ts'

/** What C decides by; `#if` does, as if it were no other language within. */
export const C_BRANCHES: readonly string[] = [
  'if_statement',
  'conditional_expression',
  'for_statement',
  'while_statement',
  'do_statement',
  'seh_except_clause',
  'preproc_if',
  'preproc_ifdef',
  'preproc_elif',
  'preproc_elifdef',
]

export const C_FACTS: LanguageRules['facts'] = {
  preproc_include: includes,
  preproc_def: named('macro'),
  preproc_function_def: named('macro'),
  struct_specifier: withMembers(named('struct')),
  union_specifier: withMembers(named('union')),
  enum_specifier: withMembers(named('enum')),
  type_definition: typedefs,
  declaration: declarators,
  field_declaration: declarators,
}

/** C. */
export const c: LanguageRules = {
  grammar: { package: 'tree-sitter-c', file: 'tree-sitter-c.wasm' },
  comments: ['comment'],
  decides: true,
  branches: C_BRANCHES,
  operators: { case: ['case_statement'], '&&': ['binary_expression'], '||': ['binary_expression'] },
  functions: { function_definition: definedFunction(() => 'function') },
  facts: C_FACTS,
  surroundings: { struct_specifier: 'type', union_specifier: 'type' },
}
