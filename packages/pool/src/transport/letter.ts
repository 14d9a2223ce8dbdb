import type { Codec } from '../codec/codec.ts'
import type { Parcel } from '../dispatch/parcel.ts'

const NOBODY = -1

/** A parcel that goes by message, as long as not all of it is answered. */
export class Letter {
  readonly parcel: Parcel
  /** Writes the inputs; without, they are cloned. */
  readonly codec: Codec<unknown> | undefined
  readonly transfer: readonly ArrayBuffer[] | undefined
  /** By entry: kept, as another worker may have to be given it; and whether there was an answer. */
  readonly inputs: unknown[] = []
  readonly #isAnswered: boolean[] = []
  #answered = 0
  /** Whose worker has it, or nobody's. */
  seat = NOBODY
  /** Entries below may have been begun. */
  begun = 0
  /** The entry that told of its progress last, and what. */
  told = NOBODY
  fraction = 0
  /** Whether what it transfers is gone. */
  isPosted = false

  constructor(parcel: Parcel, codec: Codec<unknown> | undefined, transfer: readonly ArrayBuffer[] | undefined) {
    this.parcel = parcel
    this.codec = codec
    this.transfer = transfer
  }

  /** Entries without an answer. */
  get left(): number {
    return this.inputs.length - this.#answered
  }

  add(input: unknown): void {
    this.inputs.push(input)
    this.#isAnswered.push(false)
  }

  awaits(entry: number): boolean {
    return this.#isAnswered[entry] === false
  }

  answer(entry: number): void {
    this.#isAnswered[entry] = true
    this.#answered++
    this.inputs[entry] = undefined
  }

  /** The next `tasks` that are not answered may be begun; returns how many of those are of other letters. */
  begin(tasks: number): number {
    let left = tasks
    for (let entry = 0; entry < this.inputs.length && left > 0; entry++) {
      if (!this.awaits(entry)) continue
      this.begun = entry + 1
      left--
    }
    return left
  }
}
