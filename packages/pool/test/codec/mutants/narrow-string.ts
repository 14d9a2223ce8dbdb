import { Codec } from '../../../src/codec/codec.ts'
import type { CodecMemory } from '../../../src/codec/codec-memory.ts'
import { string } from '../../../src/codec/string.ts'

/** Keeps the low byte of each character. */
export class NarrowString extends Codec<string> {
  readonly shape = 'string'
  readonly minBytes = 8

  bytesOf(value: string): number {
    return string.bytesOf(narrow(value))
  }

  write(value: string, memory: CodecMemory, at: number, end: number): number {
    return string.write(narrow(value), memory, at, end)
  }

  read(memory: CodecMemory, at: number, end: number): string {
    return string.read(memory, at, end)
  }
}

function narrow(text: string): string {
  return text.replace(/[\u0100-\uffff]/g, (character) => String.fromCharCode(character.charCodeAt(0) & 255))
}
