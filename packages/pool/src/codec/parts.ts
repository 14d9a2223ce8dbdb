import type { Codec } from './codec.ts'
import type { CodecMemory } from './codec-memory.ts'
import { number } from './scalars.ts'

/*
 * Most parts of values are numbers. PERF: they are written and read without the call of a method that may be of any
 * codec, which costs more than the number itself; bench/pool/codecs.bench.ts.
 */

/** `codec.bytesOf`. */
export function bytesOfPart(codec: Codec<unknown>, value: unknown): number {
  return codec === number && typeof value === 'number' ? 8 : codec.bytesOf(value)
}

/** `codec.write`. */
export function writePart(codec: Codec<unknown>, value: unknown, memory: CodecMemory, at: number, end: number): number {
  if (codec !== number || typeof value !== 'number' || end - at < 8) return codec.write(value, memory, at, end)
  memory.f64[at >> 3] = value
  return at + 8
}

/** `codec.read`. */
export function readPart(codec: Codec<unknown>, memory: CodecMemory, at: number, end: number): unknown {
  if (codec !== number || end - at < 8) return codec.read(memory, at, end)
  memory.end = at + 8
  return memory.f64[at >> 3]
}
