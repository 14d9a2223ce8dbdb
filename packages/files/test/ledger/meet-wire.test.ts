import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ExcludedFile } from '../../src/file.ts'
import type { FoundChunk, Met } from '../../src/ledger/ledger.ts'
import { packFound, packMet, unpackFound, unpackMet, type WireMet } from '../../src/ledger/meet-wire.ts'

const names = fc.stringMatching(/^[a-zé日😀]{1,8}$/u)
const chunks = fc
  .record({
    files: fc.uniqueArray(
      fc.record({
        name: names,
        size: fc.nat(),
        mtimeMs: fc.double({ noNaN: true, min: 0, max: 1e13 }),
        stamp: fc.stringMatching(/^[A-Za-z0-9+/]{4}$/),
        processor: fc.constantFrom('a@1', 'b@2', 'c@3'),
        language: fc.option(fc.constantFrom('typescript', 'python')),
        kind: fc.constantFrom('source' as const, 'other' as const),
        known: fc.option(fc.constantFrom('h1', 'h2')),
        pending: fc.boolean(),
      }),
      { selector: ({ name }) => name, maxLength: 20 },
    ),
    excluded: fc.uniqueArray(names, { maxLength: 5 }),
  })
  .map(({ files, excluded }) => {
    const found: FoundChunk = {
      files: files.map(({ name, size, mtimeMs, stamp, processor, language, kind }) => ({
        path: `${name}.ts`,
        size,
        mtimeMs,
        stamp,
        processor,
        language,
        kind,
      })),
      excluded: excluded.map((path): ExcludedFile => ({ path, reason: 'hidden' })),
    }
    const met: Met = {
      pending: found.files.flatMap(({ processor: _, ...file }, i) =>
        files[i]!.pending ? [{ fileId: i * 7, ...file, knownHash: files[i]!.known }] : [],
      ),
      reopened: [7],
      unchanged: 3,
      unchangedBytes: 4,
      stillQuarantined: 5,
      removed: 6,
    }
    return { found, met }
  })

test('what is packed comes out as it was, through a clone between threads', () => {
  fc.assert(
    fc.property(chunks, ({ found, met }) => {
      const arrived = unpackFound(structuredClone(packFound(found)))
      expect(arrived).toEqual(found)
      expect(unpackMet(found, structuredClone(packMet(arrived, met)))).toEqual(met)
    }),
  )
})

test('a packing that told places one off would be noticed', () => {
  const shifted = (wire: WireMet): WireMet => ({ ...wire, places: wire.places.map((place) => Math.max(0, place - 1)) })
  const holds = () =>
    fc.assert(
      fc.property(chunks, ({ found, met }) => expect(unpackMet(found, shifted(packMet(found, met)))).toEqual(met)),
    )
  expect(holds).toThrow()
})
