import type { CodecMemory } from '../../src/codec/codec-memory.ts'
import { BEGUN, LIMIT } from '../../src/parcel/parcel-layout.ts'
import { ParcelOwner } from '../../src/parcel/parcel-owner.ts'

/** Takes back what was not begun when it looked, and does not look again. */
export class RashParcelOwner extends ParcelOwner {
  readonly #words: Int32Array

  constructor(memory: CodecMemory, inputBytes: number) {
    super(memory, inputBytes)
    this.#words = memory.i32
  }

  override takeBack(offset: number): number {
    const begun = Atomics.load(this.#words, (offset >> 2) + BEGUN)
    Atomics.store(this.#words, (offset >> 2) + LIMIT, begun)
    return begun
  }
}
