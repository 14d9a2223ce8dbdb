import { expect, it } from 'vitest'
import { closestName } from '../../src/processor/closest-name.ts'

it.each([
  ['sintax', 'syntax'],
  ['Syntax', 'syntax'],
  ['astjson', 'ast-json'],
  ['ast_json', 'ast-json'],
  ['json', undefined],
  ['typescript', undefined],
  ['', undefined],
])('the name nearest to %j is %j', (word, expected) => {
  expect(closestName(word, ['syntax', 'ast-json'])).toBe(expected)
})
