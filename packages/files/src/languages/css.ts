import type { LanguageRules } from './language.ts'
import { childrenOf, literalText, vscodeGrammar } from './rule-parts.ts'

const CUSTOM = /--/y

/** CSS. A rule is declared by its selectors, a custom property as a variable. */
export const css: LanguageRules = {
  grammar: vscodeGrammar('css'),
  comments: ['comment', 'js_comment'],
  decides: false,
  facts: {
    import_statement: (node, sink) => {
      const [target] = childrenOf(node, 'string_value', 'call_expression')
      const [inner] = target?.type === 'call_expression' ? childrenOf(target, 'arguments') : []
      const value = inner === undefined ? target : inner.namedChild(0)
      if (!value) return
      const from = value.type === 'string_value' ? literalText(value, sink) : sink.text(value)
      if (from !== undefined) sink.import('static', from, ['*'])
    },
    rule_set: (node, sink) => {
      const [selectors] = childrenOf(node, 'selectors')
      if (selectors !== undefined) sink.declare('rule', sink.text(selectors).replace(/\s+/g, ' '), node)
    },
    keyframes_statement: (node, sink) => {
      const [name] = childrenOf(node, 'keyframes_name')
      if (name !== undefined) sink.declare('rule', `@keyframes ${sink.text(name)}`, node)
    },
    declaration: (node, sink) => {
      if (!sink.begins(node, CUSTOM)) return
      const [name] = childrenOf(node, 'property_name')
      sink.declare('variable', name ?? null, node)
    },
  },
}
