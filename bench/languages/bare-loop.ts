import type { Grammars } from '@millrace/files/languages/grammars'

/** The least that can be done with a text: it is parsed, and its nodes are counted with a cursor. */
export function countNodes(parser: ReturnType<Grammars['parser']>, text: string): number {
  const tree = parser.parse(text)
  if (tree === null) throw new Error('the parser gave no tree')
  const cursor = tree.walk()
  let nodes = 0
  for (let more = true; more; ) {
    nodes++
    if (cursor.gotoFirstChild()) continue
    while (!cursor.gotoNextSibling()) {
      if (cursor.gotoParent()) continue
      more = false
      break
    }
  }
  cursor.delete()
  tree.delete()
  return nodes
}
