import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { classify } from '../../src/discovery/language.ts'
import { NAMED } from '../../src/languages/compiled-rules.ts'
import { Grammars } from '../../src/languages/grammars.ts'
import { LANGUAGE_RULES } from '../../src/languages/language-rules.ts'

const grammars = new Grammars()

describe('rules', () => {
  it.each([...LANGUAGE_RULES])('of %s name only what its grammar has', async (name, rules) => {
    const { language } = await grammars.load(name)
    const types = (named: boolean) => language.types.filter((_, id) => language.nodeTypeIsNamed(id) === named)
    const known = new Set(types(true))
    const tokens = new Set(types(false))
    const named = [
      ...rules.comments,
      ...(rules.branches ?? []),
      ...Object.values(rules.operators ?? {}).flat(),
      ...[rules.branchesIf, rules.functions, rules.facts, rules.surroundings, rules.faults].flatMap((part) =>
        Object.keys(part ?? {}),
      ),
    ]
    expect(named.filter((type) => !known.has(type))).toEqual([])
    expect(Object.keys(rules.operators ?? {}).filter((token) => !tokens.has(token))).toEqual([])
  })

  it.each([...LANGUAGE_RULES])(
    'of %s: what the walk takes to be tokens are some, and have no nodes below them',
    async (name) => {
      const grammar = await grammars.load(name)
      const { language, rules } = grammar
      const folder = join(import.meta.dirname, 'fixtures')
      for (const file of readdirSync(folder)) {
        if (classify(file).language !== name) continue
        const tree = grammars.parser(grammar).parse(readFileSync(join(folder, file), 'utf8'))!
        const cursor = tree.walk()
        for (let more = true; more; ) {
          const type = cursor.nodeTypeId
          const isToken = (rules.roles[type]! & NAMED) === 0
          const told = `${language.types[type]} in ${file}`
          expect(isToken, told).toBe(!cursor.nodeIsNamed)
          if (isToken) expect(cursor.currentNode.namedChildCount, told).toBe(0)
          if (cursor.gotoFirstChild()) continue
          while (!cursor.gotoNextSibling()) {
            if (cursor.gotoParent()) continue
            more = false
            break
          }
        }
        cursor.delete()
        tree.delete()
      }
    },
  )
})
