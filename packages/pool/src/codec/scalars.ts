import { Codec, NO_ROOM } from './codec.ts'
import { damaged, mismatch, nameOf } from './codec-faults.ts'
import type { CodecMemory } from './codec-memory.ts'

const BYTES = 8

class NumberCodec extends Codec<number> {
  readonly shape = 'number'
  readonly minBytes = BYTES

  bytesOf(value: unknown): number {
    if (typeof value !== 'number') throw mismatch('a number', nameOf(value))
    return BYTES
  }

  write(value: unknown, memory: CodecMemory, at: number, end: number): number {
    if (typeof value !== 'number') throw mismatch('a number', nameOf(value))
    if (end - at < BYTES) return NO_ROOM
    memory.f64[at >> 3] = value
    return at + BYTES
  }

  read(memory: CodecMemory, at: number, end: number): number {
    if (end - at < BYTES) throw damaged(at, 'a number was cut off')
    memory.end = at + BYTES
    return memory.f64[at >> 3]!
  }
}

class BooleanCodec extends Codec<boolean> {
  readonly shape = 'boolean'
  readonly minBytes = BYTES

  bytesOf(value: unknown): number {
    if (typeof value !== 'boolean') throw mismatch('a boolean', nameOf(value))
    return BYTES
  }

  write(value: unknown, memory: CodecMemory, at: number, end: number): number {
    if (typeof value !== 'boolean') throw mismatch('a boolean', nameOf(value))
    if (end - at < BYTES) return NO_ROOM
    memory.u32[at >> 2] = value ? 1 : 0
    return at + BYTES
  }

  read(memory: CodecMemory, at: number, end: number): boolean {
    const word = end - at < BYTES ? undefined : memory.u32[at >> 2]
    if (word !== 0 && word !== 1) throw damaged(at, `${word ?? 'what was cut off'} is no boolean`)
    memory.end = at + BYTES
    return word === 1
  }
}

/** Any number, exactly: 8 bytes. */
export const number: Codec<number> = new NumberCodec()

/** `true` or `false`: 8 bytes. */
export const boolean: Codec<boolean> = new BooleanCodec()
