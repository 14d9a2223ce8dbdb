import { SharedWindowClaimer } from '../../src/queue/shared-window-claimer.ts'
import { BYTES, CLAIM, ORDER, TAIL, WindowLayout } from '../../src/queue/shared-window-layout.ts'

/** Believes every counter, slot and length it finds in shared memory. */
export class TrustingClaimer extends SharedWindowClaimer {
  readonly #words = new Int32Array(this.buffer)
  readonly #layout = WindowLayout.read('TrustingClaimer', this.buffer)

  override claim(): number {
    const at = this.#words[CLAIM]!
    if (at === this.#words[TAIL]) return -1
    this.#words[CLAIM] = at + 1
    return this.#words[ORDER + (at & (2 * this.#layout.slots - 1))]!
  }

  override bytesOf(slot: number): number {
    return this.#words[this.#layout.first + slot * this.#layout.step + BYTES] ?? 0
  }
}
