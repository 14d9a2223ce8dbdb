import { basename } from 'node:path'
import fc from 'fast-check'
import ignore from 'ignore'
import { expect, test } from 'vitest'
import { RuleSieve } from '../../src/discovery/rule-sieve.ts'
import { gitignoreText } from './git-arbitraries.ts'
import { BlindSieve } from './mutants/blind-sieve.ts'

const path = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', 'ab', 'a.x', 'b.y', '.x'), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([names, folder]) => names.join('/') + (folder ? '/' : ''))

function passes(sieve: RuleSieve, path: string): boolean {
  return sieve.passes(path, basename(path))
}

/** Whatever the rules say of a path itself, the sieve lets it through to them. */
function passesWhatRulesName(Sieve: typeof RuleSieve) {
  return fc.property(gitignoreText, path, (text, path) => {
    const rules = ignore({ ignorecase: false }).add(text)
    const slash = path.lastIndexOf('/', path.length - 2)
    if (slash > 0 && rules.test(path.slice(0, slash + 1)).ignored) return true
    const { ignored, unignored } = rules.test(path)
    return !(ignored || unignored) || passes(new Sieve(text), path)
  })
}

test('passes every path that a rule names', () => {
  fc.assert(passesWhatRulesName(RuleSieve), { numRuns: 3000 })
})

test('the property fails for a sieve that sees no wildcards', () => {
  expect(fc.check(passesWhatRulesName(BlindSieve), { numRuns: 3000, seed: 1 }).failed).toBe(true)
})

test('holds back what usual rules do not name', () => {
  const sieve = new RuleSieve(
    '\ufeff# logs\n*.log\n\n!keep.log  \n.env.*\n*.py[cod]\n/build/\n.vscode/*\ndocs/**/*.html\n',
  )
  const named = ['a.log', 'x/a.log', '.env.local', 'x/a.pyc', 'x/build/', '.vscode/a', 'docs/x/a.html']
  expect(named.filter((path) => !passes(sieve, path))).toEqual([])
  expect(['a.ts', 'x/log', 'builds/', 'a.html', 'x/.env'].filter((path) => passes(sieve, path))).toEqual([])
})

test('passes everything where a pattern can match any name or is hard to read', () => {
  for (const text of ['/*', '*', '**/', 'a\\ b', '[[:alpha:]]x', '[!a]'])
    expect(passes(new RuleSieve(text), 'q.q')).toBe(true)
})
