import type { Codec } from '../codec/codec.ts'
import { type CodecMemory, memoryOn } from '../codec/codec-memory.ts'

/** Up to so many doubles are copied one by one: a view for `set` costs more. */
const FEW = 96
const FIRST_BYTES = 4096

/**
 * Where the input of the task that runs lies: a copy, so that a task can spoil, or give away, no memory but its own.
 */
export class OwnMemory {
  #memory: CodecMemory = memoryOn(new ArrayBuffer(FIRST_BYTES))

  /**
   * The value of `bytes` in `source`, from `offset` on, a multiple of 8.
   * @throws {MillraceError} `CODEC_DAMAGED`.
   */
  read(codec: Codec<unknown>, source: CodecMemory, offset: number, bytes: number): unknown {
    // The task before may have transferred it away.
    if (this.#memory.u8.length < bytes) this.#memory = memoryOn(new ArrayBuffer(2 ** Math.ceil(Math.log2(bytes))))
    copy(source.f64, offset >> 3, this.#memory.f64, (bytes + 7) >> 3)
    return codec.decode(this.#memory, 0, bytes)
  }
}

function copy(source: Float64Array, from: number, target: Float64Array, count: number): void {
  if (count > FEW) target.set(source.subarray(from, from + count))
  else for (let index = 0; index < count; index++) target[index] = source[from + index]!
}
