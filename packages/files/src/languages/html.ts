import type { FactRule, FactSink, LanguageRules } from './language.ts'
import type { SyntaxNode } from './syntax-node.ts'

/** A tag that may tell something, seen without looking at its nodes: most tell nothing. */
const TELLING = /<(?:[^>"']|"[^"]*"|'[^']*')*?\s(?:id|src|href)\s*=/iy
/** Kinds of links whose target is loaded as a part of the page. */
const LOADED = /(?:^|\s)(?:stylesheet|modulepreload)(?:\s|$)/i

const element: FactRule = (node, sink) => {
  if (!sink.begins(node, TELLING)) return
  const tag = node.firstNamedChild
  if (tag === null) return
  const attributes = attributesOf(tag, sink)
  const name = tag.firstNamedChild === null ? '' : sink.text(tag.firstNamedChild).toLowerCase()
  sink.declare('element', attributes.get('id') ?? null, node)
  if (name === 'script') sink.import('static', attributes.get('src') ?? '', ['*'])
  if (name === 'link' && LOADED.test(attributes.get('rel') ?? ''))
    sink.import('static', attributes.get('href') ?? '', ['*'])
}

/** HTML. An element is declared by its `id`; scripts and style sheets of other files are imports, those within are text. */
export const html: LanguageRules = {
  grammar: { package: 'tree-sitter-html', file: 'tree-sitter-html.wasm' },
  comments: ['comment'],
  decides: false,
  facts: { element, script_element: element, style_element: element },
  faults: { erroneous_end_tag: 'Nothing is open for' },
}

function attributesOf(tag: SyntaxNode, sink: FactSink): Map<string, string> {
  const found = new Map<string, string>()
  for (const attribute of tag.namedChildren) {
    if (attribute.type !== 'attribute') continue
    const [name, value] = attribute.namedChildren
    if (name === undefined || value === undefined) continue
    const text = sink.text(value)
    found.set(sink.text(name).toLowerCase(), value.type === 'quoted_attribute_value' ? text.slice(1, -1) : text)
  }
  return found
}
