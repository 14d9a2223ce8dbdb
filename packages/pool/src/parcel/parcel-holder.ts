import { type Codec, padded } from '../codec/codec.ts'
import type { CodecMemory } from '../codec/codec-memory.ts'
import {
  BEGUN,
  BYTES,
  COUNT,
  ELSEWHERE,
  ENTRY_BYTES,
  HEAD_BYTES,
  LIMIT,
  OUTPUTS,
  SKIPPED,
  STATE,
  VALUE,
} from './parcel-layout.ts'

/**
 * The worker's side of the parcel it has claimed: goes through its entries, each of which gets one output.
 *
 * `begin` tells the pool that an entry is begun; what it has told is what is known of a worker that dies. Everything is
 * O(1) and allocates nothing.
 */
export class ParcelHolder {
  readonly #memory: CodecMemory
  readonly #words: Int32Array
  readonly #slotBytes: number
  #offset = 0
  #count = 0
  #entry = -1
  /** The head of the entry that is begun, and of the one after it. */
  #at = 0
  #next = 0
  #output = 0

  constructor(memory: CodecMemory, slotBytes: number) {
    this.#memory = memory
    this.#words = memory.i32
    this.#slotBytes = slotBytes
  }

  /** Takes in hand the parcel in the slot at `offset`. */
  open(offset: number): void {
    this.#offset = offset
    this.#count = this.#words[(offset >> 2) + COUNT]!
    this.#output = offset + this.#words[(offset >> 2) + OUTPUTS]!
    this.#next = offset + HEAD_BYTES
    this.#entry = -1
  }

  /** Begins the next entry; returns false when there is none, or the pool has taken it back. */
  begin(): boolean {
    const entry = this.#entry + 1
    if (entry === this.#count) return false
    const word = this.#offset >> 2
    Atomics.store(this.#words, word + BEGUN, entry + 1)
    if (Atomics.load(this.#words, word + LIMIT) <= entry) return false
    this.#entry = entry
    this.#at = this.#next
    this.#next = this.#at + ENTRY_BYTES + padded(this.inputBytes)
    return true
  }

  /** Entries of the parcel. */
  get count(): number {
    return this.#count
  }

  /** The number of the entry that is begun. */
  get entry(): number {
    return this.#entry
  }

  /** Entries that have their outputs, once `begin` has returned false. */
  get done(): number {
    return this.#entry + 1
  }

  /** The byte up to which outputs were written, from the slot's on. */
  get end(): number {
    return this.#output - this.#offset
  }

  get inputBytes(): number {
    return this.#words[(this.#at >> 2) + BYTES]!
  }

  /** Where the input is in the memory. */
  get inputAt(): number {
    return this.#at + ENTRY_BYTES
  }

  /** The word that says, by another value than 0, that nobody wants the entry any more. */
  get skipWord(): number {
    return (this.#at >> 2) + STATE
  }

  get isSkipped(): boolean {
    return Atomics.load(this.#words, this.skipWord) !== 0
  }

  /**
   * Writes the output; returns false when there is no room for it.
   * @throws {MillraceError} `CODEC_MISMATCH`.
   */
  tryWrite(codec: Codec<unknown>, output: unknown): boolean {
    const at = this.#output + ENTRY_BYTES
    // Each entry to come needs room for its head at least.
    const room = this.#offset + this.#slotBytes - at - ENTRY_BYTES * (this.#count - this.#entry - 1)
    if (room <= 0) return false
    const bytes = codec.encode(output, this.#memory, at, room)
    if (bytes < 0) return false
    this.#tell(bytes, VALUE)
    return true
  }

  /** Says that the output is in a message. */
  tellElsewhere(): void {
    this.#tell(0, ELSEWHERE)
  }

  tellSkipped(): void {
    this.#tell(0, SKIPPED)
  }

  #tell(bytes: number, state: number): void {
    const word = this.#output >> 2
    this.#words[word + BYTES] = bytes
    this.#words[word + STATE] = state
    this.#output += ENTRY_BYTES + padded(bytes)
  }
}
