import { Codec, NO_ROOM } from '../../../src/codec/codec.ts'
import type { CodecMemory } from '../../../src/codec/codec-memory.ts'
import { float64Array } from '../../../src/codec/typed-arrays.ts'

/** Writes before it looks whether there is room. */
export class HastyFloat64Array extends Codec<Float64Array> {
  readonly shape = 'float64Array'
  readonly minBytes = 8

  bytesOf(value: Float64Array): number {
    return float64Array.bytesOf(value)
  }

  write(value: Float64Array, memory: CodecMemory, at: number, end: number): number {
    const next = float64Array.write(value, memory, at, memory.byteLength)
    return next > end ? NO_ROOM : next
  }

  read(memory: CodecMemory, at: number, end: number): Float64Array {
    return float64Array.read(memory, at, end)
  }
}
