import { expect, it } from 'vitest'
import { complexityHighlights } from '../../src/processor/complexity-highlights.ts'
import { syntax } from '../../src/processor/syntax.ts'
import { inputOf } from './input.ts'

it('lists the five most complex functions above 10, largest first', () => {
  const source = [12, 10, 30, 11, 13, 20, 14]
    .map((complexity, index) => `function f${index}() { return ${'a && '.repeat(complexity - 1)}a }`)
    .join('\n')
  const input = inputOf('src/many.js', source)
  expect(complexityHighlights(syntax.process(input) as never, input.file)).toEqual([
    { list: 'complexity', label: 'f2 (src/many.js:3)', value: 30 },
    { list: 'complexity', label: 'f5 (src/many.js:6)', value: 20 },
    { list: 'complexity', label: 'f6 (src/many.js:7)', value: 14 },
    { list: 'complexity', label: 'f4 (src/many.js:5)', value: 13 },
    { list: 'complexity', label: 'f0 (src/many.js:1)', value: 12 },
  ])
})

it('says what it knows of a function without name or line', () => {
  const record = { functions: [{ name: null, line: null, complexity: 11 }] }
  const { file } = inputOf('a.ast.json', '')
  expect(complexityHighlights(record as never, file)).toEqual([
    { list: 'complexity', label: '(anonymous) (a.ast.json)', value: 11 },
  ])
})
