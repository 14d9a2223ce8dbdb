import { Codec } from '../../../src/codec/codec.ts'
import type { CodecMemory } from '../../../src/codec/codec-memory.ts'
import { float64Array } from '../../../src/codec/typed-arrays.ts'

/** Believes the length that it reads. */
export class TrustingFloat64Array extends Codec<Float64Array> {
  readonly shape = 'float64Array'
  readonly minBytes = 8

  bytesOf(value: Float64Array): number {
    return float64Array.bytesOf(value)
  }

  write(value: Float64Array, memory: CodecMemory, at: number, end: number): number {
    return float64Array.write(value, memory, at, end)
  }

  read(memory: CodecMemory, at: number): Float64Array {
    const length = memory.u32[at >> 2]!
    memory.end = at + 8 + length * 8
    return new Float64Array(memory.buffer, at + 8, length)
  }
}
