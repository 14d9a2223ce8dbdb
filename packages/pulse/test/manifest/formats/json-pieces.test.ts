import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonPieces } from '../../../src/manifest/formats/json-pieces.ts'
import { chunksOf } from '../read-text.ts'

async function read(text: string, chunkBytes: number, maxWholeBytes = 0) {
  const items: unknown[] = []
  const others: unknown[] = []
  const order: string[] = []
  for await (const piece of jsonPieces(chunksOf(new TextEncoder().encode(text), chunkBytes), maxWholeBytes)) {
    order.push(piece.kind)
    if (piece.kind === 'items') items.push(...piece.texts.map((json) => JSON.parse(json)))
    else others.push(piece.kind === 'definitions' ? piece.value : `${piece.line}: ${piece.message}`)
  }
  return { items, others, order }
}

const RUNS = process.env.MILLRACE_SLOW ? 20_000 : 60

const json = fc.jsonValue({ maxDepth: 3 })
const text = fc.oneof(fc.string(), fc.constantFrom('"monitors"', '\\"', ']', '}', '[', 'monitors": [', '\\'))
const documents = fc.record({
  before: fc.dictionary(text, json, { maxKeys: 3 }),
  monitors: fc.array(fc.oneof(json, text)),
  behind: fc.dictionary(text, json, { maxKeys: 2 }),
})

/** All that definitions say, by name. */
const entriesOf = (definitions: readonly object[]) =>
  definitions.flatMap((each) => Object.entries(each)).sort(([a], [b]) => (a < b ? -1 : 1))

const finds = (readAs: typeof read) =>
  fc.asyncProperty(
    documents,
    fc.nat(4),
    fc.integer({ min: 1, max: 50 }),
    async ({ before, monitors, behind }, indent, chunkBytes) => {
      const document = { ...before, monitors, ...behind }
      const { monitors: list, ...rest } = document
      const written = JSON.stringify(document, undefined, indent)
      for (const maxWholeBytes of [0, written.length * 4]) {
        const { items, others } = await readAs(written, chunkBytes, maxWholeBytes)
        if (JSON.stringify(items) !== JSON.stringify(list)) return false
        if (JSON.stringify(entriesOf(others as object[])) !== JSON.stringify(entriesOf([rest]))) return false
      }
      return true
    },
  )

/** Does not know what a backslash does. */
const careless: typeof read = (written, ...more) =>
  read(written.replaceAll('\\\\', '\\'), ...more).catch(() => ({ items: [], others: [], order: [] }))

describe('jsonPieces', () => {
  it('finds the monitors in any document, cut anywhere', { timeout: 600_000 }, () => holds(finds(read), RUNS))
  it('one that does not know escapes is found out', () => fails(finds(careless), 200))

  it('gives what stands beside the monitors first where it can', async () => {
    const small = await read('{"monitors": [{"name": "a"}], "endpoints": {}}', 7, 1000)
    expect(small).toEqual({ items: [{ name: 'a' }], others: [{ endpoints: {} }], order: ['definitions', 'items'] })
    const large = await read('{"endpoints": {}, "monitors": [{"name": "a"}], "x": 1}', 7)
    expect(large).toEqual({
      items: [{ name: 'a' }],
      others: [{ endpoints: {} }, { x: 1 }],
      order: ['definitions', 'items', 'definitions'],
    })
  })

  it('gives a list that stands behind the monitors as a whole, wherever a chunk ends', async () => {
    const written = '{"endpoints": {}, "monitors": [{"name": "a"}], "x": [1, 2, {"y": [3]}, 4]}'
    for (let chunkBytes = 1; chunkBytes <= written.length; chunkBytes++) {
      const { others } = await read(written, chunkBytes)
      expect(Object.assign({}, ...(others as object[])), String(chunkBytes)).toEqual({
        endpoints: {},
        x: [1, 2, { y: [3] }, 4],
      })
    }
  })

  it('says what is wrong with a document', async () => {
    const wrong = async (written: string, chunkBytes = 5) => (await read(written, chunkBytes, 1000)).others
    expect(await wrong('5')).toEqual(['1: is not a manifest: write a mapping with monitors'])
    expect(await wrong('{"monitors": 5}')).toEqual(['1: has monitors that are no list: use [ and ]'])
    expect(await wrong('{"monitors": [], }')).toEqual([
      '1: is not valid JSON (Expected double-quoted property name, at column 18)',
    ])
    expect(await wrong('{"monitors": [{}')).toEqual([
      '0: ends in the midst of its document: a bracket or a quote is missing',
    ])
    expect(await wrong(']')).toEqual(["1: is not valid JSON (Unexpected token ']')"])
    expect(await wrong('{"monitors": [\n\n], "a"\n: }')).toEqual([
      "4: is not valid JSON (Unexpected token '}', at column 3)",
    ])
    expect(await wrong(`{"x": "${'y'.repeat(5_000_000)}", "monitors": []}`, 65_536)).toEqual([
      '1: is too large beside its monitors',
    ])
  })
})
