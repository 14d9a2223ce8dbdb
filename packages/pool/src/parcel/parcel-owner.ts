import { type Codec, padded } from '../codec/codec.ts'
import type { CodecMemory } from '../codec/codec-memory.ts'
import { BEGUN, BYTES, COUNT, ENTRY_BYTES, HEAD_BYTES, LIMIT, MOST_ENTRIES, OUTPUTS, STATE } from './parcel-layout.ts'

/**
 * The pool's side of parcels: writes them into slots, and takes back what no worker has begun.
 *
 * A slot is named by the byte offset of its payload. One parcel is written at a time. `begin`, `tryAdd` and `takeBack`
 * are O(1) and allocate nothing; the others are O(entries).
 */
export class ParcelOwner {
  readonly #memory: CodecMemory
  readonly #words: Int32Array
  readonly #inputBytes: number
  #offset = 0
  #next = 0
  #count = 0

  /** For slots in `memory` that take inputs of `inputBytes` in all. */
  constructor(memory: CodecMemory, inputBytes: number) {
    this.#memory = memory
    this.#words = memory.i32
    this.#inputBytes = inputBytes
  }

  /** Begins a parcel in a slot that is the pool's. */
  begin(offset: number): void {
    this.#offset = offset
    this.#next = offset + HEAD_BYTES
    this.#count = 0
  }

  /**
   * Adds a task; returns false when there is no room for it.
   * @throws {MillraceError} `CODEC_MISMATCH` when the codec refuses the input; the parcel is as it was.
   */
  tryAdd(codec: Codec<unknown>, input: unknown): boolean {
    const at = this.#next + ENTRY_BYTES
    const room = this.#offset + HEAD_BYTES + ENTRY_BYTES + this.#inputBytes - at
    if (room <= 0 || this.#count === MOST_ENTRIES) return false
    const bytes = codec.encode(input, this.#memory, at, room)
    if (bytes < 0) return false
    const word = this.#next >> 2
    this.#words[word + BYTES] = bytes
    this.#words[word + STATE] = 0
    this.#next = at + padded(bytes)
    this.#count++
    return true
  }

  /** Ends the parcel; returns its bytes, without room for outputs. Publishing the slot gives it to the workers. */
  end(): number {
    const word = this.#offset >> 2
    this.#words[word + COUNT] = this.#count
    this.#words[word + BEGUN] = 0
    this.#words[word + LIMIT] = this.#count
    this.#words[word + OUTPUTS] = this.#next - this.#offset
    return this.#next - this.#offset
  }

  /** The byte at which the outputs begin, from `offset` on. */
  outputsOf(offset: number): number {
    return this.#words[(offset >> 2) + OUTPUTS]!
  }

  /** How many entries were begun, as far as is seen. */
  begunOf(offset: number): number {
    return Atomics.load(this.#words, (offset >> 2) + BEGUN)
  }

  /** Asks for an entry to end early, or not to begin. */
  skip(offset: number, entry: number): void {
    Atomics.store(this.#words, (this.#entryAt(offset, entry) >> 2) + STATE, 1)
  }

  /**
   * Takes back what is not begun; returns the first entry that is the pool's again, or -1 when the worker was going on:
   * then it stops soon, and its record says where.
   */
  takeBack(offset: number): number {
    const word = offset >> 2
    const begun = Atomics.load(this.#words, word + BEGUN)
    // It never rises: a worker that is to stop has told what it would have begun, but has not looked yet.
    Atomics.store(this.#words, word + LIMIT, Math.min(begun, Atomics.load(this.#words, word + LIMIT)))
    return Atomics.load(this.#words, word + BEGUN) === begun ? begun : -1
  }

  /** Makes a parcel that no worker has ready to be run again, without the entries that are not wanted any more. */
  renew(offset: number, isWanted: (entry: number) => boolean): void {
    const word = offset >> 2
    const count = this.#words[word + COUNT]!
    let at = offset + HEAD_BYTES
    for (let entry = 0; entry < count; entry++) {
      this.#words[(at >> 2) + STATE] = isWanted(entry) ? 0 : 1
      at += ENTRY_BYTES + padded(this.#words[(at >> 2) + BYTES]!)
    }
    Atomics.store(this.#words, word + BEGUN, 0)
    Atomics.store(this.#words, word + LIMIT, count)
  }

  /** Copies the inputs of a parcel to a slot that is the pool's; returns their bytes, the head's included. */
  copy(from: number, to: number): number {
    const bytes = this.outputsOf(from)
    this.#memory.u8.copyWithin(to, from, from + bytes)
    return bytes
  }

  #entryAt(offset: number, entry: number): number {
    let at = offset + HEAD_BYTES
    for (let before = 0; before < entry; before++) at += ENTRY_BYTES + padded(this.#words[(at >> 2) + BYTES]!)
    return at
  }
}
