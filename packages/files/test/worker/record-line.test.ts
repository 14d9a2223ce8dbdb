import { describe, expect, test } from 'vitest'
import type { ProcessedRecord, Processor } from '../../src/processor/processor.ts'
import { MAX_RECORD_CHARS, recordLine } from '../../src/worker/record-line.ts'
import { runThrough } from './run-through.ts'

const processor = { name: 'mine' } as Processor
const line = (output: unknown) => recordLine('src/a.js', 'cafe', output as ProcessedRecord, processor)

describe('recordLine', () => {
  test('puts path and hash before the keys of the processor, in its order', () => {
    expect(line({ b: 1, a: [2] })).toBe('{"path":"src/a.js","hash":"cafe","b":1,"a":[2]}')
    expect(line({})).toBe('{"path":"src/a.js","hash":"cafe"}')
    expect(line({ toJSON: () => ({ told: true }) })).toBe('{"path":"src/a.js","hash":"cafe","told":true}')
  })

  test('what JSON leaves out is left out, and what it has no number for is null', () => {
    const odd = { none: undefined, call: () => 1, [Symbol('s')]: 1, nan: Number.NaN, far: Infinity, lone: '\ud800' }
    expect(line(odd)).toBe('{"path":"src/a.js","hash":"cafe","nan":null,"far":null,"lone":"\\ud800"}')
  })

  test.each([
    ['nothing', undefined, /gave undefined for src\/a.js/],
    ['null', null, /gave null/],
    ['a number', 7, /gave number/],
    ['an array', [], /gave an array/],
    ['a function', () => 1, /gave function/],
    ['a key of the engine', { path: 'mine' }, /the key "path" or "hash"/],
    ['a key of the engine by toJSON', { toJSON: () => ({ hash: 'mine' }) }, /the key "path" or "hash"/],
    ['toJSON that gives no object', { toJSON: () => 'text' }, /its toJSON gives no object/],
    ['toJSON that throws', { toJSON: () => JSON.parse('no') }, /not plain JSON: SyntaxError/],
    ['a BigInt', { size: 1n }, /not plain JSON: TypeError: Do not know how to serialize a BigInt/],
    ['a date', new Date(0), /its toJSON gives no object/],
  ])('refuses %s', (_, output, message) => {
    expect(() => line(output)).toThrow(
      expect.objectContaining({ code: 'RECORD_INVALID', message: expect.stringMatching(message) }),
    )
  })

  test('takes a record at the limit of its length and none above', () => {
    const room = MAX_RECORD_CHARS - '{"t":""}'.length
    expect(line({ t: 'x'.repeat(room) }).length).toBeGreaterThan(MAX_RECORD_CHARS)
    expect(() => line({ t: 'x'.repeat(room + 1) })).toThrow(
      expect.objectContaining({
        code: 'RECORD_TOO_LARGE',
        detail: { path: 'src/a.js', processor: 'mine', maxChars: MAX_RECORD_CHARS, chars: MAX_RECORD_CHARS + 1 },
      }),
    )
  })
})

test('records that cannot be taken cost their own files alone, all in one process', async () => {
  const invalid = [
    'cyclic',
    'bigint',
    'to-json-throws',
    'to-json-path',
    'to-json-text',
    'getter-throws',
    'proxy-throws',
  ]
  const noObject = ['array', 'null', 'number', 'key', 'gives-undefined']
  const bad = [...invalid, ...noObject].map((name) => `${name}.js`)
  const good = ['a.js', 'plain-odd.js', 'z.js']
  const run = await runThrough([...bad, ...good])
  expect([...run.failed].map(([path, { code }]) => [path, code])).toEqual(bad.map((path) => [path, 'RECORD_INVALID']))
  expect([...run.delivered.keys()]).toEqual(good)
  expect(run.delivered.get('plain-odd.js')).toMatchObject({ number: null, date: '1970-01-01T00:00:00.000Z' })
  expect(run.deaths.size).toBe(0)
})
