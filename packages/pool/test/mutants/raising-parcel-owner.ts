import type { CodecMemory } from '../../src/codec/codec-memory.ts'
import { BEGUN, LIMIT } from '../../src/parcel/parcel-layout.ts'
import { ParcelOwner } from '../../src/parcel/parcel-owner.ts'

/** Sets the limit to what it sees, although it was lower: what was taken back before may begin. */
export class RaisingParcelOwner extends ParcelOwner {
  readonly #words: Int32Array

  constructor(memory: CodecMemory, inputBytes: number) {
    super(memory, inputBytes)
    this.#words = memory.i32
  }

  override takeBack(offset: number): number {
    const begun = Atomics.load(this.#words, (offset >> 2) + BEGUN)
    Atomics.store(this.#words, (offset >> 2) + LIMIT, begun)
    return Atomics.load(this.#words, (offset >> 2) + BEGUN) === begun ? begun : -1
  }
}
