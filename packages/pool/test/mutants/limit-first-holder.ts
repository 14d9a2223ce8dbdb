import { padded } from '../../src/codec/codec.ts'
import type { CodecMemory } from '../../src/codec/codec-memory.ts'
import { ParcelHolder } from '../../src/parcel/parcel-holder.ts'
import { BEGUN, BYTES, COUNT, ENTRY_BYTES, HEAD_BYTES, LIMIT, STATE } from '../../src/parcel/parcel-layout.ts'

/** Looks whether it may begin an entry first, and says then that it does. */
export class LimitFirstHolder extends ParcelHolder {
  readonly #words: Int32Array
  #word = 0
  #entry = -1
  #at = 0
  #next = 0

  constructor(memory: CodecMemory, slotBytes: number) {
    super(memory, slotBytes)
    this.#words = memory.i32
  }

  override open(offset: number): void {
    super.open(offset)
    this.#word = offset >> 2
    this.#next = offset + HEAD_BYTES
    this.#entry = -1
  }

  override begin(): boolean {
    const entry = this.#entry + 1
    if (entry === this.#words[this.#word + COUNT]) return false
    if (Atomics.load(this.#words, this.#word + LIMIT) <= entry) return false
    Atomics.store(this.#words, this.#word + BEGUN, entry + 1)
    this.#entry = entry
    this.#at = this.#next
    this.#next = this.#at + ENTRY_BYTES + padded(this.inputBytes)
    return true
  }

  override get entry(): number {
    return this.#entry
  }

  override get done(): number {
    return this.#entry + 1
  }

  override get inputBytes(): number {
    return this.#words[(this.#at >> 2) + BYTES]!
  }

  override get inputAt(): number {
    return this.#at + ENTRY_BYTES
  }

  override get skipWord(): number {
    return (this.#at >> 2) + STATE
  }
}
