import { createSharedRing } from '../../src/queue/shared-ring.ts'

const DATA_BYTES = createSharedRing({ capacityBytes: 64 }).byteLength - 64

/** Believes every counter, mark and length it finds in shared memory. */
export class TrustingConsumer {
  readonly buffer: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #capacity: number
  #at: number
  length = 0
  readonly tag = 0

  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
    this.#capacity = buffer.byteLength - DATA_BYTES
    this.#at = this.#words[32]!
  }

  get ready(): boolean {
    return this.#at !== this.#words[0]
  }

  next(): number {
    if (!this.ready) return -1
    let place = this.#at & (this.#capacity - 1)
    if (this.#words[(DATA_BYTES + place) / 4] === -1) {
      this.#at += this.#capacity - place
      place = 0
    }
    this.length = this.#words[(DATA_BYTES + place) / 4]!
    this.#at += (this.length + 15) & ~7
    return DATA_BYTES + place + 8
  }

  release(): void {}
  publish(): void {}
  wait(): boolean {
    return this.ready
  }
  async waitAsync(): Promise<boolean> {
    return this.ready
  }
}
