import { CALL } from '../../src/queue/shared-window-layout.ts'
import { SharedWindowSleepers } from '../../src/queue/shared-window-sleepers.ts'

/** Changes the word after it called: who falls asleep between the two is not woken, and not known to sleep. */
export class DrowsySleepers extends SharedWindowSleepers {
  readonly #words: Int32Array<SharedArrayBuffer>

  constructor(words: Int32Array<SharedArrayBuffer>) {
    super(words)
    this.#words = words
  }

  override wake(count: number): void {
    const word = Atomics.load(this.#words, CALL)
    if ((word & 1) === 0) return
    if (Atomics.notify(this.#words, CALL, count) < count) Atomics.store(this.#words, CALL, word + 1)
  }
}
