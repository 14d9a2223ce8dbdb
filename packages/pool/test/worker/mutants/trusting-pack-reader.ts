import { PackReader } from '../../../src/worker/packed.ts'

/** Goes on by as many bytes as an entry says that it has. */
export class TrustingPackReader extends PackReader {
  readonly #words: Int32Array
  #head = 0

  constructor(pack: ArrayBuffer) {
    super(pack)
    this.#words = new Int32Array(pack)
  }

  override next(): boolean {
    if (this.#head === this.#words.length) return false
    this.#head += 4 + this.#words[this.#head + 3]! / 4
    return true
  }
}
