import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alignColumns } from '../../src/text/columns.ts'
import { displayWidth, fitEnd, fitMiddle, fitStart, printable, printablePath } from '../../src/text/width.ts'
import { wrapWords } from '../../src/text/wrap.ts'

/** Text with wide, combining and plain characters. */
const text = fc.string({
  unit: fc.constantFrom('a', '/', '.', ' ', 'é', '漢', '字', '🙂', 'e\u0301', '한'),
  maxLength: 60,
})

/** That a fitted text takes no more than its columns, keeps its end of the text, and is left alone where it fits. */
function fitProperty(fit: (text: string, columns: number) => string) {
  return fc.property(text, fc.integer({ min: 1, max: 40 }), (given, columns) => {
    const fitted = fit(given, columns)
    if (displayWidth(given) <= columns) return fitted === given
    return displayWidth(fitted) <= columns && fitted.includes('…')
  })
}

describe('width', () => {
  it('counts columns, not code units', () => {
    expect(displayWidth('plain')).toBe(5)
    expect(displayWidth('漢字')).toBe(4)
    expect(displayWidth('e\u0301')).toBe(1)
    expect(displayWidth('🙂')).toBe(2)
    expect(displayWidth('\u001b[31mred\u001b[39m')).toBe(3)
  })

  it('fits text of any script into its columns', () => {
    fc.assert(fitProperty(fitStart))
    fc.assert(fitProperty(fitEnd))
    fc.assert(fitProperty(fitMiddle))
  })

  it('would notice a fit that counts code units', () => {
    const byLength = (given: string, columns: number) =>
      given.length <= columns ? given : `${given.slice(0, columns - 1)}…`
    expect(fc.check(fitProperty(byLength)).failed).toBe(true)
  })

  it('keeps the start of a message and the end of a path', () => {
    expect(fitStart('a long message', 8)).toBe('a long …')
    expect(fitEnd('src/deep/file.ts', 9)).toBe('…/file.ts')
    expect(fitMiddle('parse (src/deep/file.ts:7)', 16)).toBe('parse…file.ts:7)')
    expect(fitEnd('src/deep/file.ts', 9, '..')).toBe('..file.ts')
  })

  it('disarms what could steer a terminal', () => {
    expect(printable('a\u001b[2Jb\u0007')).toBe('a\\x1b[2Jb\\x07')
    expect(printable('one\n  two')).toBe('one two')
    expect(printablePath('one\n  two\t.js')).toBe('one\\n  two\\x09.js')
    expect(printable('abc\u202egpj.exe')).toBe('abc\\u202egpj.exe')
  })
})

describe('columns and lines', () => {
  it('aligns by what is seen', () => {
    expect(
      alignColumns(
        [
          ['漢', '1', 'x'],
          ['abc', '10', 'y'],
        ],
        ['left', 'right', 'left'],
      ),
    ).toEqual(['漢    1  x', 'abc  10  y'])
    expect(alignColumns([], ['left'])).toEqual([])
  })

  it('wraps between words', () => {
    expect(wrapWords('one two three', 7)).toEqual(['one two', 'three'])
    expect(wrapWords('incompressible a', 5)).toEqual(['incompressible', 'a'])
    expect(wrapWords('', 5)).toEqual([])
  })
})
