import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Piece, splitText } from '../../../src/processor/chunks/split-text.ts'

/** A token is a word, a sign or a stretch of white space: as with real ones, two texts never have more tokens joined than apart. */
const count = (text: string) => text.match(/\w+|\s+|[^\w\s]/g)?.length ?? 0
const declaration = (name: string, start: number, end: number) =>
  ({ name, kind: 'function', start, end, line: null, endLine: null }) as const
const texts = (text: string, pieces: readonly Piece[]) => pieces.map(({ start, end }) => text.slice(start, end))

describe('splitText', () => {
  test('cuts between declarations, and joins what fits', () => {
    const text = 'a b c\nf1 ( )\nf2 ( )\nf3 x y z u v w\n'
    const declarations = [declaration('f1', 6, 12), declaration('f2', 13, 19), declaration('f3', 20, 34)]
    const pieces = splitText(text, declarations, { maxTokens: 18, count })
    expect(texts(text, pieces)).toEqual(['a b c\nf1 ( )\nf2 ( )\n', 'f3 x y z u v w\n'])
    expect(pieces.map(({ names }) => names)).toEqual([['f1', 'f2'], ['f3']])
  })

  test('of a class that is too large, its methods are the next to cut between', () => {
    const methods = ['one', 'two', 'three'].map((name) => `  ${name}() { return 1 + 2 + 3 + 4 }\n`)
    const text = `class A {\n${methods.join('')}}\n`
    let at = 'class A {\n'.length
    const declarations = [declaration('A', 0, text.length - 1)]
    for (const method of methods) {
      declarations.push(declaration(method.trim().split('(')[0]!, at + 2, at + method.length - 1))
      at += method.length
    }
    const pieces = splitText(text, declarations, { maxTokens: 36, count })
    expect(pieces.map(({ names }) => names)).toEqual([['A', 'one'], ['two'], ['three']])
  })

  test('without declarations at blank lines, then between lines, then in a line', () => {
    const paragraphs = 'a b\nc d\n\ne f\ng h\n'
    expect(texts(paragraphs, splitText(paragraphs, [], { maxTokens: 10, count }))).toEqual([
      'a b\nc d\n\n',
      'e f\ng h\n',
    ])
    const lines = 'a b c\nd e f\ng h i\n'
    expect(texts(lines, splitText(lines, [], { maxTokens: 6, count }))).toEqual(['a b c\n', 'd e f\n', 'g h i\n'])
    const line = 'a b c d e f g h'
    expect(texts(line, splitText(line, [], { maxTokens: 8, count }))).toEqual(['a b c d', ' e f g h'])
  })

  test('never cuts a pair of surrogates', () => {
    const pieces = splitText('😀😀😀', [], { maxTokens: 1, count: (text) => [...text].length })
    expect(texts('😀😀😀', pieces)).toEqual(['😀', '😀', '😀'])
  })

  const anyText = fc
    .array(fc.constantFrom('word', ' ', '\n', '\n\n', '{', '}', '😀', 'x', '  \n'), { maxLength: 120 })
    .map((parts) => parts.join(''))

  test('the pieces are the text, none too large, whatever is declared', () => {
    fc.assert(
      fc.property(
        anyText,
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { maxLength: 12 }),
        (text, maxTokens, places) => {
          const declarations = places.map(([a, b], name) => {
            const [one, other] = [a % (text.length + 1), b % (text.length + 1)]
            return declaration(String(name), Math.min(one, other), Math.max(one, other))
          })
          const pieces = splitText(text, declarations, { maxTokens, count })
          expect(texts(text, pieces).join('')).toBe(text)
          for (const { start, end, tokens } of pieces) {
            expect(tokens).toBe(count(text.slice(start, end)))
            expect(tokens <= maxTokens || end - start <= 2).toBe(true)
          }
          const named = pieces.flatMap(({ names }) => names)
          expect(named.length).toBe(declarations.filter(({ start }) => start < text.length).length)
        },
      ),
      { numRuns: 500 },
    )
  })
})
