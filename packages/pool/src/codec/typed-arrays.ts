import { Codec, HEAD_BYTES, NO_ROOM, padded } from './codec.ts'
import { damaged, mismatch, nameOf, withArticle } from './codec-faults.ts'
import type { CodecMemory } from './codec-memory.ts'
import type { PlainShape } from './codec-shape.ts'

interface TypedArray {
  readonly buffer: ArrayBufferLike
  readonly length: number
  readonly byteLength: number
  readonly BYTES_PER_ELEMENT: number
}

interface TypedArrayConstructor<A extends TypedArray> {
  readonly name: string
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A
}

/** Gives the name of a typed array's kind, whatever its realm and its class, and undefined for all else. */
const kindGetter = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!
  .get!

/**
 * Copies an array to `memory`, and says how long one is. PERF: a function each for every kind, as an engine treats
 * arrays of many kinds at one place more slowly than those of one; bench/pool/codecs.bench.ts.
 */
interface Access<A extends TypedArray> {
  readonly lengthOf: (array: A) => number
  readonly copy: (array: A, memory: CodecMemory, index: number) => void
}

/*
 * The length in elements, then the elements. PERF: `set` copies 64 doubles faster than a loop, and an array with memory
 * of its own costs several times what a view does; bench/pool/codecs.bench.ts.
 */
class TypedArrayCodec<A extends TypedArray> extends Codec<A> {
  readonly shape: PlainShape
  readonly minBytes = HEAD_BYTES
  readonly #Kind: TypedArrayConstructor<A>
  readonly #name: string
  readonly #width: number
  /** Its logarithm. */
  readonly #shift: number
  readonly #lengthOf: (array: A) => number
  readonly #copy: (array: A, memory: CodecMemory, index: number) => void

  constructor(shape: PlainShape, Kind: TypedArrayConstructor<A>, { lengthOf, copy }: Access<A>) {
    super()
    this.shape = shape
    this.#Kind = Kind
    this.#name = Kind.name
    this.#width = Kind.BYTES_PER_ELEMENT
    this.#shift = Math.log2(Kind.BYTES_PER_ELEMENT)
    this.#lengthOf = lengthOf
    this.#copy = copy
  }

  bytesOf(value: unknown): number {
    return HEAD_BYTES + padded(this.#check(value) * this.#width)
  }

  write(value: A, memory: CodecMemory, at: number, end: number): number {
    const length = this.#check(value)
    const next = at + HEAD_BYTES + padded(length * this.#width)
    if (next > end) return NO_ROOM
    memory.u32[at >> 2] = length
    if (length > 0) this.#copy(value, memory, (at + HEAD_BYTES) >> this.#shift)
    return next
  }

  read(memory: CodecMemory, at: number, end: number): A {
    if (end - at < HEAD_BYTES) throw damaged(at, `${withArticle(this.#name)} was cut off`)
    const length = memory.u32[at >> 2]!
    const next = at + HEAD_BYTES + padded(length * this.#width)
    if (next > end) {
      throw damaged(at, `${withArticle(this.#name)} of ${length} does not fit into the ${end - at} bytes that are left`)
    }
    memory.end = next
    return new this.#Kind(memory.buffer, at + HEAD_BYTES, length)
  }

  /** The length of `value`, which is of the kind. */
  #check(value: unknown): number {
    if (!this.#isOfKind(value)) throw mismatch(withArticle(this.#name), nameOf(value))
    const length = this.#lengthOf(value)
    if (length === 0 && value.buffer instanceof ArrayBuffer && value.buffer.detached) {
      throw mismatch(withArticle(this.#name), 'one whose buffer was transferred')
    }
    return length
  }

  #isOfKind(value: unknown): value is A {
    return Reflect.apply(kindGetter, value, []) === this.#name
  }
}

/** Typed arrays, whatever they are views of: 8 bytes and those of the elements. They are read as views. */
export const float64Array: Codec<Float64Array> = new TypedArrayCodec('float64Array', Float64Array, {
  lengthOf: (array) => array.length,
  copy: (array, { f64 }, index) => f64.set(array, index),
})
export const float32Array: Codec<Float32Array> = new TypedArrayCodec('float32Array', Float32Array, {
  lengthOf: (array) => array.length,
  copy: (array, { f32 }, index) => f32.set(array, index),
})
export const int32Array: Codec<Int32Array> = new TypedArrayCodec('int32Array', Int32Array, {
  lengthOf: (array) => array.length,
  copy: (array, { i32 }, index) => i32.set(array, index),
})
export const uint32Array: Codec<Uint32Array> = new TypedArrayCodec('uint32Array', Uint32Array, {
  lengthOf: (array) => array.length,
  copy: (array, { u32 }, index) => u32.set(array, index),
})
export const int16Array: Codec<Int16Array> = new TypedArrayCodec('int16Array', Int16Array, {
  lengthOf: (array) => array.length,
  copy: (array, { i16 }, index) => i16.set(array, index),
})
export const uint16Array: Codec<Uint16Array> = new TypedArrayCodec('uint16Array', Uint16Array, {
  lengthOf: (array) => array.length,
  copy: (array, { u16 }, index) => u16.set(array, index),
})
export const int8Array: Codec<Int8Array> = new TypedArrayCodec('int8Array', Int8Array, {
  lengthOf: (array) => array.length,
  copy: (array, { i8 }, index) => i8.set(array, index),
})
export const uint8Array: Codec<Uint8Array> = new TypedArrayCodec('uint8Array', Uint8Array, {
  lengthOf: (array) => array.length,
  copy: (array, { u8 }, index) => u8.set(array, index),
})
