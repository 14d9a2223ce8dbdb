import { MillraceError } from '@millrace/kernel/errors'
import type { Codec } from '../codec/codec.ts'
import { damaged } from '../codec/codec-faults.ts'
import { type CodecMemory, memoryOn } from '../codec/codec-memory.ts'

/*
 * A pack is entries one after the other, each from a multiple of 8 bytes on: the ticket, as a double; the number of the
 * task and the bytes of the value, 32 bits each; the value, as its codec writes it.
 */
const HEAD_BYTES = 16
const FIRST_BYTES = 16_384
/** Larger values are cloned. */
const MOST_BYTES = 2 ** 28

/** Puts the inputs or outputs of many tasks into one `ArrayBuffer`, to be transferred in one message. */
export class PackWriter {
  #memory: CodecMemory = memoryOn(new ArrayBuffer(FIRST_BYTES))
  #bytes = 0

  /** Bytes taken so far. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Adds a value and returns true, or returns false when it is too large for a pack.
   * @throws {MillraceError} `CODEC_MISMATCH` when it is not of the codec's type; the pack is as it was.
   */
  add(ticket: number, task: number, codec: Codec<unknown>, value: unknown): boolean {
    const at = this.#bytes + HEAD_BYTES
    let written = codec.encode(value, this.#memory, at)
    while (written < 0) {
      if (!this.#grow()) return false
      written = codec.encode(value, this.#memory, at)
    }
    const { f64, i32 } = this.#memory
    f64[this.#bytes >> 3] = ticket
    i32[(this.#bytes >> 2) + 2] = task
    i32[(this.#bytes >> 2) + 3] = written
    this.#bytes = at + written
    return true
  }

  /** The pack, a copy of the size that was needed; the next one begins empty. */
  take(): ArrayBuffer {
    const pack = new ArrayBuffer(this.#bytes)
    new Uint8Array(pack).set(this.#memory.u8.subarray(0, this.#bytes))
    this.#bytes = 0
    return pack
  }

  #grow(): boolean {
    const { u8, byteLength } = this.#memory
    if (2 * byteLength > MOST_BYTES) return false
    this.#memory = memoryOn(new ArrayBuffer(2 * byteLength))
    this.#memory.u8.set(u8.subarray(0, this.#bytes))
    return true
  }
}

/**
 * Goes through a pack, entry by entry. It is the reader's own, so that values are views of it.
 *
 * The pack may be from a thread that is broken: nothing beyond it is read, and there is an end.
 */
export class PackReader {
  readonly #memory: CodecMemory
  #at = 0
  #next = 0
  #bytes = 0

  /** @throws {MillraceError} `OPTION_INVALID` when it is larger than 2 GiB. */
  constructor(pack: ArrayBuffer) {
    this.#memory = memoryOn(pack)
  }

  /**
   * Moves on to the next entry; returns whether there is one.
   * @throws {MillraceError} `CODEC_DAMAGED` when the bytes are no pack.
   */
  next(): boolean {
    const { byteLength, i32 } = this.#memory
    if (this.#next === byteLength) return false
    const head = this.#next
    const bytes = byteLength - head < HEAD_BYTES ? -1 : i32[(head >> 2) + 3]!
    if (bytes < 0 || bytes % 8 !== 0 || bytes > byteLength - head - HEAD_BYTES) {
      throw damaged(head, `no entry of a pack of ${byteLength} bytes begins here`)
    }
    this.#at = head + HEAD_BYTES
    this.#bytes = bytes
    this.#next = this.#at + bytes
    return true
  }

  get ticket(): number {
    return this.#memory.f64[(this.#at - HEAD_BYTES) >> 3]!
  }

  get task(): number {
    return this.#memory.i32[(this.#at - HEAD_BYTES + 8) >> 2]!
  }

  /**
   * The entry's value.
   * @throws {MillraceError} `CODEC_DAMAGED` when the bytes are none that `codec` writes.
   */
  decode<T>(codec: Codec<T>): T {
    return codec.decode(this.#memory, this.#at, this.#bytes)
  }

  /** The entry's value, to be read later. */
  later(read: (memory: CodecMemory, at: number, bytes: number) => unknown): () => unknown {
    const at = this.#at
    const bytes = this.#bytes
    return () => read(this.#memory, at, bytes)
  }
}

/** Whether a codec refused a value, which is then cloned. */
export function isMismatch(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'CODEC_MISMATCH'
}
