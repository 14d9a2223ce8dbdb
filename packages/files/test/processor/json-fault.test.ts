import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonFault, jsonFault } from '../../src/processor/json-fault.ts'

/** A `?` put anywhere outside a string is where the text stops being JSON, or stands in the word or number that does. */
function findsTheIntruder(find: (text: string) => JsonFault): void {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), fc.boolean(), (value, seed, pretty) => {
      const json = JSON.stringify(value, null, pretty ? 2 : 0)
      const at = seed % (json.length + 1)
      const text = `${json.slice(0, at)}?${json.slice(at)}`
      fc.pre(!isJson(text))
      const { offset, line, column } = find(text)
      expect(text.slice(offset, at)).toMatch(/^(?:[-+.\w]*|".*\\u?[\da-f]*)$/)
      expect(offset).toBeLessThanOrEqual(at)
      const before = text.slice(0, offset).split('\n')
      expect([line, column]).toEqual([before.length, before.at(-1)!.length + 1])
    }),
    { seed: 1, numRuns: 500 },
  )
}

/** A document cut short ends too early, or in the middle of what it ends with. */
function findsTheEnd(find: (text: string) => JsonFault): void {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), (value, seed) => {
      const json = JSON.stringify(value)
      const text = json.slice(0, seed % json.length)
      fc.pre(!isJson(text))
      expect(text.slice(find(text).offset)).toMatch(/^(?:|"[\s\S]*|[-+.\w]+)$/)
    }),
    { seed: 1, numRuns: 500 },
  )
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('jsonFault', () => {
  it('finds an intruder', () => findsTheIntruder(jsonFault))
  it('finds an early end', () => findsTheEnd(jsonFault))

  it('the properties fail for a search that stops one character late or at the start', () => {
    expect(() => findsTheIntruder((text) => ({ ...jsonFault(text), offset: jsonFault(text).offset + 1 }))).toThrow()
    expect(() => findsTheEnd((text) => ({ ...jsonFault(text), offset: 0 }))).toThrow()
  })

  it.each([
    ['', 'unexpected end', 1, 1],
    ['  ', 'unexpected end', 1, 3],
    ['{"a":[1,}', 'unexpected "}"', 1, 9],
    ['{"a":\n  [1 2]}', 'unexpected "2"', 2, 6],
    ['[1,]', 'unexpected "]"', 1, 4],
    ['{"a":1,}', 'unexpected "}"', 1, 8],
    ['{"a" 1}', 'unexpected "1"', 1, 6],
    ['{1:2}', 'unexpected "1"', 1, 2],
    ['{"a":1]', 'unexpected "]"', 1, 7],
    ['[1}', 'unexpected "}"', 1, 3],
    ['[]:', 'unexpected ":"', 1, 3],
    [',', 'unexpected ","', 1, 1],
    ['{{', 'unexpected "{"', 1, 2],
    ['[] []', 'unexpected "["', 1, 4],
    ['[tru]', 'unexpected "t"', 1, 2],
    ['[01]', 'unexpected "0"', 1, 2],
    ['["a\tb"]', 'unexpected "\\""', 1, 2],
    ['🌊', 'unexpected "🌊"', 1, 1],
  ])('%j: %s', (text, what, line, column) => {
    expect(jsonFault(text)).toMatchObject({ what, line, column })
  })

  it('is not stopped by a long string or a deep document', () => {
    expect(jsonFault(`["${'\\n'.repeat(1_000_000)}" 1]`).offset).toBe(2_000_004)
    expect(jsonFault('['.repeat(200_000)).offset).toBe(200_000)
  })
})
