import { CALL } from '../../src/queue/shared-window-layout.ts'
import { SharedWindowSleepers } from '../../src/queue/shared-window-sleepers.ts'

/** Forgets that more may sleep than it has woken. */
export class ForgetfulSleepers extends SharedWindowSleepers {
  readonly #words: Int32Array<SharedArrayBuffer>

  constructor(words: Int32Array<SharedArrayBuffer>) {
    super(words)
    this.#words = words
  }

  override wake(count: number): void {
    const word = Atomics.load(this.#words, CALL)
    if ((word & 1) === 0) return
    Atomics.store(this.#words, CALL, word + 1)
    Atomics.notify(this.#words, CALL, count)
  }
}
