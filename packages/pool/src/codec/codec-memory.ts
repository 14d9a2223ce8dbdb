import { checkInteger } from '@millrace/kernel/options'

/**
 * Memory that codecs write to and read from: one view of each kind over one buffer.
 *
 * Made once a buffer: views are dear, and what is read or written by index costs none.
 */
export interface CodecMemory {
  readonly buffer: ArrayBufferLike
  readonly byteLength: number
  readonly f64: Float64Array
  readonly f32: Float32Array
  readonly i32: Int32Array
  readonly u32: Uint32Array
  readonly i16: Int16Array
  readonly u16: Uint16Array
  readonly i8: Int8Array
  readonly u8: Uint8Array
  /** The byte at which the value read last ended: what a codec has to know of the one within it. */
  end: number
}

/**
 * Lays the views over `buffer`, of which a last part of less than 8 bytes is left out.
 * @throws {MillraceError} `OPTION_INVALID` when it is larger than 2 GiB.
 */
export function memoryOn(buffer: ArrayBufferLike): CodecMemory {
  // Places and lengths stay small integers in every engine.
  checkInteger('memoryOn', 'buffer.byteLength', buffer.byteLength, { max: 2 ** 31 - 1 })
  const byteLength = buffer.byteLength & ~7
  return {
    buffer,
    byteLength,
    f64: new Float64Array(buffer, 0, byteLength / 8),
    f32: new Float32Array(buffer, 0, byteLength / 4),
    i32: new Int32Array(buffer, 0, byteLength / 4),
    u32: new Uint32Array(buffer, 0, byteLength / 4),
    i16: new Int16Array(buffer, 0, byteLength / 2),
    u16: new Uint16Array(buffer, 0, byteLength / 2),
    i8: new Int8Array(buffer, 0, byteLength),
    u8: new Uint8Array(buffer, 0, byteLength),
    end: 0,
  }
}
