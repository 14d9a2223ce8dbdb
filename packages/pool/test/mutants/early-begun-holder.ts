import type { Codec } from '../../src/codec/codec.ts'
import type { CodecMemory } from '../../src/codec/codec-memory.ts'
import { ParcelHolder } from '../../src/parcel/parcel-holder.ts'
import { BEGUN } from '../../src/parcel/parcel-layout.ts'

/** Says that it begins the next entry before it writes the output of this one. */
export class EarlyBegunHolder extends ParcelHolder {
  readonly #words: Int32Array
  #word = 0

  constructor(memory: CodecMemory, slotBytes: number) {
    super(memory, slotBytes)
    this.#words = memory.i32
  }

  override open(offset: number): void {
    super.open(offset)
    this.#word = offset >> 2
  }

  override tryWrite(codec: Codec<unknown>, output: unknown): boolean {
    Atomics.store(this.#words, this.#word + BEGUN, this.entry + 2)
    return super.tryWrite(codec, output)
  }
}
