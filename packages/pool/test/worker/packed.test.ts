import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Codec } from '../../src/codec/codec.ts'
import { list } from '../../src/codec/list.ts'
import { record } from '../../src/codec/record.ts'
import { number } from '../../src/codec/scalars.ts'
import { string } from '../../src/codec/string.ts'
import { float64Array } from '../../src/codec/typed-arrays.ts'
import { PackReader, PackWriter } from '../../src/worker/packed.ts'
import { HastyPackWriter } from './mutants/hasty-pack-writer.ts'
import { TrustingPackReader } from './mutants/trusting-pack-reader.ts'

const codecs: readonly Codec<unknown>[] = [number, string, float64Array, list(number), record({ a: number, b: string })]

const anyValueOf = (task: number): fc.Arbitrary<unknown> =>
  [
    fc.double(),
    fc.string(),
    fc.array(fc.double(), { maxLength: 300 }).map((items) => Float64Array.from(items)),
    fc.array(fc.double(), { maxLength: 300 }),
    fc.record({ a: fc.double(), b: fc.string() }, { noNullPrototype: true }),
  ][task]!

const entry = fc
  .record({ ticket: fc.maxSafeNat(), task: fc.integer({ min: 0, max: codecs.length - 1 }) })
  .chain(({ ticket, task }) => anyValueOf(task).map((value) => ({ ticket, task, value })))

/** What is put in comes out, pack after pack of one writer. A value that is refused leaves no trace. */
function comesBack(Writer: typeof PackWriter) {
  return fc.property(
    fc.array(fc.array(fc.oneof(entry, fc.constant(null)), { maxLength: 30 }), { maxLength: 4 }),
    (packs) => {
      const writer = new Writer()
      for (const entries of packs) {
        for (const put of entries) {
          if (put !== null) expect(writer.add(put.ticket, put.task, codecs[put.task]!, put.value)).toBe(true)
          else expect(() => writer.add(1, 3, codecs[3]!, [1, 'no number'])).toThrow()
        }
        const reader = new PackReader(writer.take())
        for (const { ticket, task, value } of entries.filter((put) => put !== null)) {
          expect(reader.next()).toBe(true)
          expect([reader.ticket, reader.task]).toEqual([ticket, task])
          expect(reader.decode(codecs[task]!)).toEqual(value)
          const later = reader.later((memory, at, bytes) => codecs[task]!.decode(memory, at, bytes))
          expect(later()).toEqual(value)
        }
        expect(reader.next()).toBe(false)
      }
    },
  )
}

/** Whatever the bytes are, the reader comes to an end within them, or says that they are damaged. */
function endsWithin(Reader: typeof PackReader) {
  const words = fc.array(fc.oneof(fc.constantFrom(0, 8, 16, -8, 2 ** 31 - 8), fc.integer()), { maxLength: 64 })
  return fc.property(words, (items) => {
    const pack = new Int32Array(items.length & ~1)
    pack.set(items.slice(0, pack.length))
    const reader = new Reader(pack.buffer)
    let entries = 0
    try {
      while (reader.next()) if (++entries > pack.byteLength / 16) throw new Error('it goes round')
    } catch (error) {
      expect(error).toMatchObject({ code: 'CODEC_DAMAGED' })
    }
  })
}

describe('a pack', () => {
  it('gives back what was put in', () => fc.assert(comesBack(PackWriter)))

  it('gives back something else where a refused value leaves a trace', () => {
    expect(fc.check(comesBack(HastyPackWriter)).failed).toBe(true)
  })

  it('is read to its end, whatever it holds', () => fc.assert(endsWithin(PackReader)))

  it('is read beyond its end by a reader that trusts it', () => {
    expect(fc.check(endsWithin(TrustingPackReader)).failed).toBe(true)
  })

  it('has no room for a value of more than 256 MiB', () => {
    const codec = Object.create(number, { encode: { value: () => -1 } }) as Codec<unknown>
    const writer = new PackWriter()
    expect(writer.add(1, 0, codec, 1)).toBe(false)
    expect(writer.add(1, 0, number, 1)).toBe(true)
  })
})
