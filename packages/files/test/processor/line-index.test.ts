import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LineIndex } from '../../src/processor/line-index.ts'

const texts = fc.string({ unit: fc.constantFrom('a', '\n', '\r\n', '🌊') })
const index = new LineIndex()

function holds(at: (offset: number) => number, text: string): void {
  for (let offset = 0; offset < text.length; offset++) {
    expect(at(offset)).toBe(text.slice(0, offset).split('\n').length)
  }
}

describe('LineIndex', () => {
  it('says of each offset how many line feeds stand before it, text after text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        index.index(text)
        expect(index.count).toBe(text === '' ? 0 : text.replace(/\n$/, '').split('\n').length)
        holds((offset) => index.at(offset), text)
      }),
    )
  })

  it('the property fails for an index that puts a line feed on the next line', () => {
    const mutant = (text: string) => holds((offset) => index.at(offset + 1), text)
    index.index('a\nb')
    expect(() => mutant('a\nb')).toThrow()
  })

  it('takes more lines than its table had', () => {
    index.index('x\n'.repeat(5000))
    expect(index.count).toBe(5000)
    expect(index.at(9999)).toBe(5000)
    expect(index.at(10_000)).toBe(5000)
    index.index('')
    expect(index.count).toBe(0)
    expect(index.at(0)).toBe(1)
  })
})
