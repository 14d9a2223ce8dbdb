import fc from 'fast-check'
import { expect, test } from 'vitest'
import { packChunk, unpackChunk, type WireChunk } from '../../src/discovery/chunk-wire.ts'
import { classify } from '../../src/discovery/language.ts'

const file = fc
  .record({
    folder: fc.constantFrom('', 'a/', 'src/é/'),
    name: fc.constantFrom('a.ts', 'b.py.json', '\u{1f600}', ' '),
    size: fc.nat(),
    mtimeMs: fc.integer(),
    stamp: fc.constantFrom('1:2:3', ''),
  })
  .map(({ folder, name, ...rest }) => ({ path: folder + name, ...rest, ...classify(name) }))

const chunk = fc.record({
  files: fc.array(file, { maxLength: 4 }),
  excluded: fc.array(fc.record({ path: fc.string(), reason: fc.constantFrom('hidden', 'ignored') }), { maxLength: 2 }),
  problems: fc.array(fc.record({ path: fc.string(), code: fc.string(), message: fc.string() }), { maxLength: 2 }),
})

function survivesTheWire(carry: (wire: WireChunk) => WireChunk) {
  return fc.property(chunk, (chunk) => {
    expect(unpackChunk(carry(packChunk(chunk)))).toEqual(chunk)
  })
}

test('a chunk comes out as it went in', () => {
  fc.assert(
    survivesTheWire((wire) => structuredClone(wire)),
    { seed: 1 },
  )
})

test('the property fails where sizes lose their upper bits', () => {
  const narrow = (wire: WireChunk) => ({ ...wire, sizes: Float64Array.from(wire.sizes, (size) => size & 0xffff) })
  expect(fc.check(survivesTheWire(narrow), { seed: 1 }).failed).toBe(true)
})
