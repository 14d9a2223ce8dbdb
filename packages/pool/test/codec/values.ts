import fc from 'fast-check'
import type { CodecShape, PlainShape } from '../../src/codec/codec-shape.ts'

interface Kind {
  readonly name: string
  readonly BYTES_PER_ELEMENT: number
  new (items: number[]): ArrayBufferView
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayBufferView
}

const kinds: Readonly<Record<Exclude<PlainShape, 'number' | 'boolean' | 'string'>, Kind>> = {
  float64Array: Float64Array,
  float32Array: Float32Array,
  int32Array: Int32Array,
  uint32Array: Uint32Array,
  int16Array: Int16Array,
  uint16Array: Uint16Array,
  int8Array: Int8Array,
  uint8Array: Uint8Array,
}

export const typedArrayKinds = Object.entries(kinds)

const plainShapes: readonly PlainShape[] = [
  'number',
  'boolean',
  'string',
  'float64Array',
  'float32Array',
  'int32Array',
  'uint32Array',
  'int16Array',
  'uint16Array',
  'int8Array',
  'uint8Array',
]

const fieldNames = fc
  .oneof(fc.constantFrom('x', 'points', '0', '7', '', 'a b', 'constructor', 'toString', 'length'), fc.string())
  .filter((name) => name !== '__proto__')

/** Shapes of any kind, some levels deep. */
const shapes: fc.Arbitrary<CodecShape> = fc.letrec<{ shape: CodecShape }>((tie) => ({
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...plainShapes),
    tie('shape').map((list) => ({ list })),
    tie('shape').map((optional) => ({ optional })),
    fc
      .array(fc.tuple(fieldNames, tie('shape')), { minLength: 1, maxLength: 5 })
      .map((fields) => ({ record: Object.fromEntries(fields) })),
  ),
})).shape

const numbers = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 2 ** 53, -(2 ** 53), Number.NaN, 5e-324))

/** Narrow ones, wide ones, and halves of characters. */
const strings = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.string({ unit: 'binary' }),
  fc.integer({ min: 1020, max: 2060 }).map((length) => 'ÿa'.repeat(length).slice(0, length)),
)

/** Views of any bytes, which begin anywhere in memory of their own or shared. */
function typedArrays(Kind: Kind): fc.Arbitrary<ArrayBufferView> {
  const width = Kind.BYTES_PER_ELEMENT
  return fc.tuple(fc.uint8Array({ maxLength: 80 }), fc.nat(3), fc.boolean()).map(([bytes, offset, shared]) => {
    const length = Math.floor(bytes.length / width)
    const size = (offset + length + 2) * width
    const buffer = shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size)
    new Uint8Array(buffer).set(bytes.subarray(0, length * width), offset * width)
    return new Kind(buffer, offset * width, length)
  })
}

/** Values of a shape. */
function valuesOf(shape: CodecShape): fc.Arbitrary<unknown> {
  if (shape === 'number') return numbers
  if (shape === 'boolean') return fc.boolean()
  if (shape === 'string') return strings
  if (typeof shape === 'string') return typedArrays(kinds[shape])
  if ('list' in shape) return fc.array(valuesOf(shape.list), { maxLength: 6 })
  if ('optional' in shape) return fc.option(valuesOf(shape.optional), { nil: undefined })
  const fields = Object.entries(shape.record).map(([name, field]) => valuesOf(field).map((value) => [name, value]))
  return fc.tuple(...fields).map((entries) => Object.fromEntries(entries))
}

/** A shape and a value of it. */
export const cases = shapes.chain((shape) => fc.record({ shape: fc.constant(shape), value: valuesOf(shape) }))

/** All typed arrays in a value. */
export function viewsIn(value: unknown): ArrayBufferView[] {
  if (ArrayBuffer.isView(value)) return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(viewsIn) : []
}
