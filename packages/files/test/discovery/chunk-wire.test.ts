import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type ExcludedColumns,
  type FileColumns,
  packExcluded,
  packFiles,
  unpackExcluded,
  unpackFiles,
} from '../../src/discovery/chunk-wire.ts'
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

const files = fc.array(file, { maxLength: 4 })

const excluded = fc.array(
  fc.record({
    path: fc.string().map((text) => text.replaceAll('\0', '')),
    reason: fc.constantFrom('hidden', 'ignored', 'symlink'),
  }),
  { maxLength: 4 },
)

type Wire = readonly [FileColumns, ExcludedColumns]

function survivesTheWire(carry: (wire: Wire) => Wire) {
  return fc.property(files, excluded, (files, excluded) => {
    const [carriedFiles, carriedExcluded] = carry([packFiles(files), packExcluded(excluded)])
    expect(unpackFiles(carriedFiles)).toEqual(files)
    expect(unpackExcluded(carriedExcluded)).toEqual(excluded)
  })
}

test('files and excluded ones come out as they went in', () => {
  fc.assert(
    survivesTheWire((wire) => structuredClone(wire)),
    { seed: 1 },
  )
})

test('the property fails where sizes lose their upper bits', () => {
  const narrow = ([files, excluded]: Wire): Wire => [
    { ...files, sizes: Float64Array.from(files.sizes, (size) => size & 0xffff) },
    excluded,
  ]
  expect(fc.check(survivesTheWire(narrow), { seed: 1 }).failed).toBe(true)
})

test('the property fails where reasons shift', () => {
  const shift = ([files, { paths, reasons }]: Wire): Wire => [
    files,
    { paths, reasons: [...reasons.slice(1), ...reasons.slice(0, 1)] },
  ]
  expect(fc.check(survivesTheWire(shift), { seed: 1 }).failed).toBe(true)
})
