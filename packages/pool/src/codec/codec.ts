import { MillraceError } from '@millrace/kernel/errors'
import { damaged, nameOf } from './codec-faults.ts'
import type { CodecMemory } from './codec-memory.ts'
import type { CodecShape } from './codec-shape.ts'

/** What `encode` and `write` return when there is too little room. */
export const NO_ROOM = -1

/** Bytes of a length, a count or a mark before what it speaks of: 4, and 4 to keep places multiples of 8. */
export const HEAD_BYTES = 8

const MAX_DEPTH = 64
const MAX_PARTS = 4096

/**
 * Writes values of one type into memory as bytes, and reads them back exactly.
 *
 * A value takes a multiple of 8 bytes, from a multiple of 8 on, in the byte order of the machine: bytes are for another
 * thread, not for a file. `encode` allocates nothing. Codecs are made by `record`, `list` and `optional` from those
 * that are there; the other thread makes its own from the `shape`, by `codecFrom`.
 */
export abstract class Codec<T> {
  /** Plain data that `codecFrom` makes the same codec of. */
  abstract readonly shape: CodecShape
  /** Bytes of the smallest value, 8 or more. */
  abstract readonly minBytes: number
  /** How deep codecs are put together, and how many: bounds of the work for a shape and of the stack for a value. */
  readonly depth: number
  readonly parts: number

  /**
   * @throws {MillraceError} `CODEC_SHAPE_INVALID` when `inner` are no codecs, nested deeper than 64, or more than 4096
   * in all.
   */
  constructor(inner: readonly Codec<unknown>[] = []) {
    for (const codec of inner) {
      if (!(codec instanceof Codec)) {
        throw new MillraceError(
          'CODEC_SHAPE_INVALID',
          `a codec is made of codecs, such as number, not of ${nameOf(codec)}`,
        )
      }
    }
    this.depth = inner.reduce((depth, codec) => Math.max(depth, codec.depth + 1), 1)
    this.parts = inner.reduce((parts, codec) => parts + codec.parts, 1)
    if (this.depth > MAX_DEPTH || this.parts > MAX_PARTS) {
      throw new MillraceError(
        'CODEC_SHAPE_INVALID',
        `a codec of ${this.parts} parts, ${this.depth} deep, is too large: ${MAX_PARTS} and ${MAX_DEPTH} are allowed; ` +
          'give the task no codec, or a flatter one',
        { detail: { depth: this.depth, parts: this.parts } },
      )
    }
  }

  /**
   * Bytes that `encode` will write.
   * @throws {MillraceError} `CODEC_MISMATCH`, with the path in the value, when it is not of the codec's type.
   */
  abstract bytesOf(value: T): number

  /**
   * Writes `value` from `byteOffset` on, a multiple of 8, and returns the bytes written; or returns -1 when it needs
   * more than `maxBytes`, of which some may then be overwritten. Nothing beyond them ever is. Each part of the value is
   * looked at once: what was checked is what is written.
   * @throws {MillraceError} `CODEC_MISMATCH` as `bytesOf` does.
   */
  encode(value: T, memory: CodecMemory, byteOffset: number, maxBytes: number = memory.byteLength): number {
    const end = this.write(value, memory, byteOffset, Math.min(byteOffset + maxBytes, memory.byteLength))
    return end === NO_ROOM ? NO_ROOM : end - byteOffset
  }

  /**
   * The value that was written from `byteOffset` on, within `bytes`.
   *
   * Typed arrays in it are views of `memory`, which must be the reader's own, at rest: a copy of what was shared, made
   * before. They hold the value for as long as nothing else is written there, which is for whoever owns `memory` to
   * say. Whatever the bytes are, nothing else is read, and no more is allocated than a small multiple of them.
   * @throws {MillraceError} `CODEC_DAMAGED` when the bytes are none that `encode` writes.
   */
  decode(memory: CodecMemory, byteOffset: number, bytes: number): T {
    const end = byteOffset + bytes
    if (!(bytes >= this.minBytes && end <= memory.byteLength)) {
      throw damaged(
        byteOffset,
        `${bytes} bytes of ${memory.byteLength} hold no value, the smallest has ${this.minBytes}`,
      )
    }
    return this.read(memory, byteOffset, end)
  }

  /** `encode` for a codec around this one: writes from `at` on, up to `end`, and returns where it ended, or -1. */
  abstract write(value: T, memory: CodecMemory, at: number, end: number): number

  /** `decode` for a codec around this one: reads from `at` on, up to `end`, and sets `memory.end` to where it ended. */
  abstract read(memory: CodecMemory, at: number, end: number): T
}

/** The type of a codec's values. */
export type ValueOf<C extends Codec<unknown>> = C extends Codec<infer T> ? T : never

/** The least multiple of 8 that is not less than `bytes`. */
export function padded(bytes: number): number {
  return bytes + (-bytes & 7)
}
