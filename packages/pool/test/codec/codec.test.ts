import { runInNewContext } from 'node:vm'
import { MillraceError } from '@millrace/kernel'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Codec } from '../../src/codec/codec.ts'
import { codecFrom } from '../../src/codec/codec-from.ts'
import { memoryOn } from '../../src/codec/codec-memory.ts'
import type { CodecShape, PlainShape } from '../../src/codec/codec-shape.ts'
import { list } from '../../src/codec/list.ts'
import { optional } from '../../src/codec/optional.ts'
import { record } from '../../src/codec/record.ts'
import { boolean, number } from '../../src/codec/scalars.ts'
import { string } from '../../src/codec/string.ts'
import { float32Array, float64Array, int32Array, uint8Array } from '../../src/codec/typed-arrays.ts'
import { isSame } from '../is-same.ts'
import { HastyFloat64Array } from './mutants/hasty-float64-array.ts'
import { NarrowString } from './mutants/narrow-string.ts'
import { TrustingFloat64Array } from './mutants/trusting-float64-array.ts'
import { cases, typedArrayKinds, viewsIn } from './values.ts'

const SEED = 20_240_229
const GUARD = 24

type MakePlain = (shape: PlainShape) => Codec<unknown>

/** Like `codecFrom`, with plain codecs of the test's choice. */
function build(shape: CodecShape, plain: MakePlain): Codec<unknown> {
  if (typeof shape === 'string') return plain(shape)
  if ('list' in shape) return list(build(shape.list, plain))
  if ('optional' in shape) return optional(build(shape.optional, plain))
  return record(
    Object.fromEntries(Object.entries(shape.record).map(([name, field]) => [name, build(field, plain)])),
  ) as Codec<unknown>
}

/** The usual ones, but for `mutant`. */
const but =
  (mutant: Codec<unknown>): MakePlain =>
  (shape) =>
    shape === mutant.shape ? mutant : codecFrom(shape)

async function holds(property: fc.IRawProperty<unknown>, numRuns = 500): Promise<void> {
  await fc.assert(property, { seed: SEED, numRuns })
}

async function fails(property: fc.IRawProperty<unknown>, numRuns = 500): Promise<void> {
  const { failed } = await fc.check(property, { seed: SEED, numRuns, endOnFailure: true })
  expect(failed, 'the mutant survived').toBe(true)
}

function filledWith(bytes: number, fill: number, shared = false): Uint8Array {
  return new Uint8Array(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)).fill(fill)
}

/** Every value comes back in every bit, from as many bytes as foretold, by the codec made of the shape too. */
const roundTrips = (plain: MakePlain) =>
  fc.property(cases, fc.boolean(), fc.nat(3), ({ shape, value }, shared, eighths) => {
    const codec = build(shape, plain)
    const twin = codecFrom(structuredClone(codec.shape))
    expect(twin.shape).toEqual(shape)
    const bytes = codec.bytesOf(value)
    expect([bytes % 8, bytes >= codec.minBytes]).toEqual([0, true])
    const at = eighths * 8
    const all = filledWith(at + bytes, 0xa5, shared)
    expect(codec.encode(value, memoryOn(all.buffer), at)).toBe(bytes)
    for (const reader of [codec, twin]) {
      const copy = Uint8Array.from(all)
      const read = reader.decode(memoryOn(copy.buffer), at, bytes)
      if (!isSame(read, value)) expect(read).toEqual(value)
      expect(isSame(read, value)).toBe(true)
      for (const view of viewsIn(read)) expect(view.buffer).toBe(copy.buffer)
    }
    const again = filledWith(at + bytes, 0xa5)
    twin.encode(value, memoryOn(again.buffer), at)
    expect(isSame(again, Uint8Array.from(all))).toBe(true)
  })

/** What has no room is not written, and whatever is written stays within the bytes given. */
const staysInside = (plain: MakePlain) =>
  fc.property(cases, fc.nat(), ({ shape, value }, less) => {
    const codec = build(shape, plain)
    const bytes = codec.bytesOf(value)
    for (const room of [bytes, less % bytes]) {
      const all = filledWith(GUARD + bytes + GUARD, 0xa5)
      expect(codec.encode(value, memoryOn(all.buffer), GUARD, room)).toBe(room < bytes ? -1 : bytes)
      const outside = [...all.subarray(0, GUARD), ...all.subarray(GUARD + room)]
      expect(outside.every((byte) => byte === 0xa5)).toBe(true)
    }
  })

const harms = fc.array(
  fc.record({
    word: fc.nat(40),
    value: fc.oneof(fc.nat(3), fc.nat(200), fc.integer(), fc.constantFrom(-1, 2 ** 29, 2 ** 30)),
  }),
  { maxLength: 4 },
)

/** Of bytes that were harmed or cut off, a value is read from these bytes alone, or they are said to be damaged. */
const survivesDamage = (plain: MakePlain) =>
  fc.property(cases, harms, fc.nat(), fc.boolean(), ({ shape, value }, harm, cut, cutsOff) => {
    const codec = build(shape, plain)
    const whole = codec.bytesOf(value)
    const bytes = cutsOff ? cut % whole : whole
    const outcomes = [0x00, 0x03, 0xff].map((fill) => {
      const all = filledWith(GUARD + whole + GUARD, fill).fill(0, GUARD, GUARD + whole)
      codec.encode(value, memoryOn(all.buffer), GUARD)
      for (const { word, value } of harm) new Int32Array(all.buffer, GUARD, whole / 4)[word] = value
      all.fill(fill, GUARD + bytes)
      const read = attempt(() => codec.decode(memoryOn(all.buffer), GUARD, bytes))
      for (const view of viewsIn(read)) {
        expect(view.byteOffset).toBeGreaterThanOrEqual(GUARD)
        expect(view.byteOffset + view.byteLength).toBeLessThanOrEqual(GUARD + bytes)
      }
      return read
    })
    expect(outcomes.every((outcome) => isSame(outcome, outcomes[0]))).toBe(true)
  })

function attempt(decode: () => unknown): unknown {
  try {
    return decode()
  } catch (error) {
    expect(error).toMatchObject({ name: 'MillraceError', code: 'CODEC_DAMAGED' })
    return 'damaged'
  }
}

function errorOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof MillraceError) return `${error.code} ${error.message}`
    throw error
  }
  throw new Error('nothing was thrown')
}

const memory = memoryOn(new ArrayBuffer(8192))

/** What the value given becomes; unsafely typed, to give it what the types refuse. */
function refusal(codec: Codec<unknown>, value: unknown): string {
  const error = errorOf(() => codec.encode(value, memory, 0))
  expect(errorOf(() => codec.bytesOf(value))).toBe(error)
  return error.replace('; give what the codec describes, or change the codec', '')
}

describe('Codec', () => {
  it('gives back every value in every bit', () => holds(roundTrips(codecFrom)))
  it('is caught losing half of a character', () => fails(roundTrips(but(new NarrowString()))))

  it('writes within the room it is given', () => holds(staysInside(codecFrom)))
  it('is caught writing before it looks', () => fails(staysInside(but(new HastyFloat64Array()))))

  it('reads nothing but its bytes, whatever they are', () => holds(survivesDamage(codecFrom), 2000))
  it('is caught believing what it reads', () => fails(survivesDamage(but(new TrustingFloat64Array())), 2000))

  it('reads noise as a value or as damage', () =>
    holds(
      fc.property(cases, fc.uint8Array({ maxLength: 400 }), ({ shape }, noise) => {
        const all = Uint8Array.from(noise)
        attempt(() => codecFrom(shape).decode(memoryOn(all.buffer), 0, all.length))
      }),
    ))

  it.each(typedArrayKinds)('takes a %s of another realm, and of a subclass', (name, Kind) => {
    const codec = codecFrom(name)
    const foreign: unknown = runInNewContext(`new ${Kind.name}([1, 2, 3])`)
    expect(foreign).not.toBeInstanceOf(Kind)
    class Ours extends Kind {}
    for (const value of [foreign, new Ours([1, 2, 3])]) {
      const bytes = codec.encode(value, memory, 8)
      const read = codec.decode(memory, 8, bytes)
      expect(isSame(read, new Kind([1, 2, 3]))).toBe(true)
    }
  })

  it('lends the memory it reads from', () => {
    const bytes = float64Array.encode(Float64Array.of(1, 2), memory, 16)
    const read = float64Array.decode(memory, 16, bytes)
    memory.f64[3] = 7
    expect(read).toEqual(Float64Array.of(7, 2))
  })

  it('keeps the order of the fields, and takes no others', () => {
    const codec = record({ points: float64Array, x: number, label: optional(string) })
    const bytes = codec.encode({ ...{ extra: 1 }, x: 1, points: new Float64Array(0) }, memory, 0)
    expect(bytes).toBe(24)
    const read = codec.decode(memory, 0, bytes)
    expect(Object.entries(read)).toEqual([
      ['points', new Float64Array(0)],
      ['x', 1],
      ['label', undefined],
    ])
    expectTypeOf(read).toEqualTypeOf<{ points: Float64Array; x: number; label?: string | undefined }>()
  })

  it('names the place of what does not fit', () => {
    const codec: Codec<unknown> = record({
      ring: record({ points: list(float64Array), 'a b': optional(number) }),
    }) as Codec<unknown>
    const points = [0, 0, 0].map((_, length) => new Float64Array(length))
    expect(refusal(codec, { ring: { points: [...points, [1]] } })).toBe(
      'CODEC_MISMATCH ring.points[3]: expected a Float64Array, got an Array',
    )
    expect(refusal(codec, { ring: { points, 'a b': '1' } })).toBe(
      'CODEC_MISMATCH ring["a b"]: expected a number, got a string',
    )
    expect(refusal(codec, { ring: { points: new Set() } })).toBe(
      'CODEC_MISMATCH ring.points: expected an Array, got a Set',
    )
    expect(refusal(codec, {})).toBe('CODEC_MISMATCH ring: expected an Object, got undefined')
    expect(refusal(codec, null)).toBe('CODEC_MISMATCH the value: expected an Object, got null')
    expect(refusal(list(list(boolean)) as Codec<unknown>, [[], [true, 1]])).toBe(
      'CODEC_MISMATCH [1][1]: expected a boolean, got a number',
    )
    expect(refusal(float32Array, new Float64Array(1))).toBe(
      'CODEC_MISMATCH the value: expected a Float32Array, got a Float64Array',
    )
    expect(refusal(int32Array, Object.create(Int32Array.prototype))).toMatch('expected an Int32Array, got an Object')
    expect(refusal(string, 1n)).toBe('CODEC_MISMATCH the value: expected a string, got a bigint')
    expect(errorOf(() => string.bytesOf(JSON.parse('1')))).toMatch(/, or change the codec$/)
  })

  it('refuses an array whose memory went elsewhere', () => {
    const sent = new Uint8Array(8)
    structuredClone(sent.buffer, { transfer: [sent.buffer] })
    expect(refusal(uint8Array, sent)).toBe(
      'CODEC_MISMATCH the value: expected a Uint8Array, got one whose buffer was transferred',
    )
  })

  it('passes on what a getter throws', () => {
    const thrown = new TypeError('no')
    const value = {
      get x(): number {
        throw thrown
      },
    }
    expect(() => record({ x: number }).encode(value, memory, 0)).toThrow(thrown)
  })

  it('writes what it checked, whatever a getter says the second time', () => {
    let looks = 0
    const value = {
      get points(): Float64Array {
        return new Float64Array(looks++ === 0 ? 1 : 1000)
      },
    }
    const codec = record({ points: float64Array })
    expect(codec.encode(value, memory, 0, codec.bytesOf(value))).toBe(-1)
    expect(looks).toBe(2)
  })

  it('says where bytes are damaged', () => {
    float64Array.encode(new Float64Array(4), memory, 0)
    memory.u32[0] = 2 ** 32 - 1
    expect(errorOf(() => float64Array.decode(memory, 0, 40))).toBe(
      'CODEC_DAMAGED byte 0: a Float64Array of 4294967295 does not fit into the 40 bytes that are left; ' +
        'the memory was overwritten, or written by another codec: replace the thread that wrote it',
    )
    expect(errorOf(() => list(number).decode(memory, 0, 40))).toMatch('a list of 4294967295 does not fit')
    expect(errorOf(() => string.decode(memory, 0, 40))).toMatch('4294967295 characters of 0 bytes')
    expect(errorOf(() => boolean.decode(memory, 0, 8))).toMatch('4294967295 is no boolean')
    expect(errorOf(() => number.decode(memory, 8184, 16))).toBe(
      'CODEC_DAMAGED byte 8184: 16 bytes of 8192 hold no value, the smallest has 8; ' +
        'the memory was overwritten, or written by another codec: replace the thread that wrote it',
    )
    expect(errorOf(() => number.decode(memory, 0, Number.NaN))).toMatch('CODEC_DAMAGED')
  })

  it('lays no views over more than it can count', () => {
    expect(memoryOn(new ArrayBuffer(15)).byteLength).toBe(8)
    const huge = Object.defineProperty(new ArrayBuffer(8), 'byteLength', { value: 2 ** 31 })
    expect(errorOf(() => memoryOn(huge))).toMatch('OPTION_INVALID memoryOn: buffer.byteLength')
  })
})

describe('codecFrom', () => {
  const cyclic: Record<string, unknown> = {}
  cyclic.list = cyclic
  let doubled: unknown = 'number'
  for (let level = 0; level < 40; level++) doubled = { record: { a: doubled, b: doubled } }

  it.each<[string, unknown, string]>([
    ['an unknown name', 'float16Array', 'shape: there is no codec "float16Array"'],
    ['nothing', undefined, 'shape: there is no codec undefined'],
    ['a function', () => 1, 'shape: there is no codec a function'],
    ['an array', ['number'], 'shape: there is no codec an Array'],
    ['no key', {}, 'shape: {  } describes no codec'],
    ['two keys', { list: 'number', optional: 'number' }, '{ list, optional } describes no codec'],
    ['a fault within', { list: { record: { x: 1 } } }, 'shape.list.record.x: there is no codec a number'],
    ['a record of no fields', { record: {} }, 'a record has one field or more'],
    ['a record that is a list', { record: ['number'] }, '{ record } describes no codec'],
    [
      'a prototype',
      JSON.parse('{ "record": { "__proto__": "number" } }'),
      'none named __proto__; given were ["__proto__"]',
    ],
    ['itself', cyclic, 'it is more than 64 deep'],
    ['itself, twice a level', doubled, 'is too large: 4096 and 64 are allowed'],
    [
      'very many',
      { record: Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [at, 'number'])) },
      'of 5001 parts',
    ],
  ])('refuses %s', (_, shape, message) => {
    const error = errorOf(() => codecFrom(shape))
    expect(error).toMatch(/^CODEC_SHAPE_INVALID /)
    expect(error).toContain(message)
  })

  it('makes the deepest codec there can be', () => {
    let codec: Codec<unknown> = number
    let value: unknown = 1
    for (let depth = 1; depth < 64; depth++) {
      codec = list(codec) as Codec<unknown>
      value = [value]
    }
    expect(errorOf(() => list(codec))).toMatch('CODEC_SHAPE_INVALID')
    const bytes = codecFrom(codec.shape).encode(value, memory, 0)
    expect(codec.decode(memory, 0, bytes)).toEqual(value)
  })

  it('refuses what is no codec as a part of one', () => {
    expect(errorOf(() => list(JSON.parse('{}')))).toBe(
      'CODEC_SHAPE_INVALID a codec is made of codecs, such as number, not of an Object',
    )
  })
})
