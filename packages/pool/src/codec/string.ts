import { Codec, HEAD_BYTES, NO_ROOM, padded } from './codec.ts'
import { damaged, mismatch, nameOf } from './codec-faults.ts'
import type { CodecMemory } from './codec-memory.ts'

const NARROW = 1
const WIDE = 2
/** Characters given to one `String.fromCharCode`: all are arguments, and the stack has a bound. */
const CHUNK = 1024

/**
 * PERF: engines know of most strings that they are narrow, and answer without looking at a character;
 * bench/pool/codecs.bench.ts.
 */
function widthOf(text: string): typeof NARROW | typeof WIDE {
  return /[\u0100-\uffff]/.test(text) ? WIDE : NARROW
}

/*
 * The length in characters, the bytes of one, the characters. Not TextEncoder: it changes lone surrogates and, in
 * browsers, refuses shared memory.
 */
class StringCodec extends Codec<string> {
  readonly shape = 'string'
  readonly minBytes = HEAD_BYTES

  bytesOf(value: unknown): number {
    if (typeof value !== 'string') throw mismatch('a string', nameOf(value))
    return HEAD_BYTES + padded(value.length * widthOf(value))
  }

  write(value: unknown, memory: CodecMemory, at: number, end: number): number {
    if (typeof value !== 'string') throw mismatch('a string', nameOf(value))
    const { length } = value
    const width = widthOf(value)
    const next = at + HEAD_BYTES + padded(length * width)
    if (next > end) return NO_ROOM
    memory.u32[at >> 2] = length
    memory.u32[(at >> 2) + 1] = width
    if (width === NARROW) writeNarrow(value, memory.u8, at + HEAD_BYTES)
    else writeWide(value, memory.u16, (at + HEAD_BYTES) / WIDE)
    return next
  }

  read(memory: CodecMemory, at: number, end: number): string {
    if (end - at < HEAD_BYTES) throw damaged(at, 'a string was cut off')
    const length = memory.u32[at >> 2]!
    const width = memory.u32[(at >> 2) + 1]!
    const next = at + HEAD_BYTES + padded(length * width)
    if ((width !== NARROW && width !== WIDE) || next > end) {
      throw damaged(at, `${length} characters of ${width} bytes do not fit into the ${end - at} that are left`)
    }
    memory.end = next
    const first = (at + HEAD_BYTES) / width
    let text = ''
    for (let index = 0; index < length; index += CHUNK) {
      const count = Math.min(CHUNK, length - index)
      const codes =
        width === NARROW ? narrowCodes(memory.u8, first + index, count) : wideCodes(memory.u16, first + index, count)
      text += String.fromCharCode.apply(null, codes)
    }
    return text
  }
}

/*
 * PERF: each width has its own loops, as engines read and write arrays of two kinds at one place more slowly than those
 * of one; bench/pool/codecs.bench.ts.
 */

function writeNarrow(text: string, units: Uint8Array, at: number): void {
  for (let index = 0; index < text.length; index++) units[at + index] = text.charCodeAt(index)
}

function writeWide(text: string, units: Uint16Array, at: number): void {
  for (let index = 0; index < text.length; index++) units[at + index] = text.charCodeAt(index)
}

function narrowCodes(units: Uint8Array, at: number, count: number): number[] {
  const codes = arrayOf(count)
  for (let index = 0; index < count; index++) codes[index] = units[at + index]!
  return codes
}

function wideCodes(units: Uint16Array, at: number, count: number): number[] {
  const codes = arrayOf(count)
  for (let index = 0; index < count; index++) codes[index] = units[at + index]!
  return codes
}

/**
 * By length. PERF: most strings are short, and an array for each would be most of what they cost;
 * bench/pool/codecs.bench.ts.
 */
const short: number[][] = []
const MOST_SHORT = 64

function arrayOf(count: number): number[] {
  if (count > MOST_SHORT) return new Array<number>(count).fill(0)
  short[count] ??= new Array<number>(count).fill(0)
  return short[count]
}

/** Any string, exactly, lone surrogates too: 8 bytes, and one a character where all are below U+0100, else two. */
export const string: Codec<string> = new StringCodec()
