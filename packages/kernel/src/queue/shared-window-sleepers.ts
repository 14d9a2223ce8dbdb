import { MillraceError } from '../errors.ts'
import { checkNumber } from '../options.ts'
import { CALL } from './shared-window-layout.ts'

/** The lowest bit of the word: somebody may be asleep. Above it a number that changes with each waking. */
const ASLEEP = 1

/**
 * The claimers that sleep: many, on one word of the window, of whom the producer wakes as many as it has tasks for.
 *
 * **Why no wake-up is lost.** A claimer marks the word, then looks again; the producer shows its tasks, then reads the
 * word. All are `Atomics`, of which every thread sees the same order: either the mark comes before the reading, or the
 * tasks before the second look (Dekker's argument, as in `SharedBell`). The producer that sees the mark changes the
 * word *before* it wakes anybody: who has not fallen asleep by then does not, for `Atomics.wait` finds another word, and
 * looks again. When as many woke as were called, more may be asleep, and the mark is set again; when fewer, nobody is.
 * So the mark may be there for nobody, which costs one vain call, but never is missing for a sleeper. There is no count
 * to go wrong when a sleeper dies.
 */
export class SharedWindowSleepers {
  readonly #words: Int32Array<SharedArrayBuffer>

  constructor(words: Int32Array<SharedArrayBuffer>) {
    this.#words = words
  }

  /** Wakes up to `count` of those who sleep. Costs one load when none does. Only the producer may. */
  wake(count: number): void {
    const word = Atomics.load(this.#words, CALL)
    if ((word & ASLEEP) === 0) return
    Atomics.store(this.#words, CALL, (word + 1) | 0)
    if (Atomics.notify(this.#words, CALL, count) === count) Atomics.or(this.#words, CALL, ASLEEP)
  }

  /** Sleeps unless `ready`, until woken or `timeoutMs` are over. */
  sleep(ready: () => boolean, timeoutMs: number): void {
    checkTimeout(timeoutMs)
    const word = this.#mark()
    if (ready()) return
    try {
      Atomics.wait(this.#words, CALL, word, timeoutMs)
    } catch (error) {
      throw error instanceof TypeError ? unsupported('Atomics.wait', 'wait with waitAsync(), or poll', error) : error
    }
  }

  async sleepAsync(ready: () => boolean, timeoutMs: number): Promise<void> {
    checkTimeout(timeoutMs)
    if (typeof Atomics.waitAsync !== 'function') throw unsupported('Atomics.waitAsync', 'poll')
    const word = this.#mark()
    if (!ready()) await Atomics.waitAsync(this.#words, CALL, word, timeoutMs).value
  }

  #mark(): number {
    return Atomics.or(this.#words, CALL, ASLEEP) | ASLEEP
  }
}

function checkTimeout(timeoutMs: number): void {
  if (timeoutMs >= 0) return
  checkNumber('SharedWindowClaimer', 'timeoutMs', timeoutMs, { min: 0, max: Number.POSITIVE_INFINITY })
}

function unsupported(what: string, instead: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'WAIT_UNSUPPORTED',
    `SharedWindowClaimer: ${what} is not to be had in this thread; ${instead}`,
    { detail: { what }, cause },
  )
}
