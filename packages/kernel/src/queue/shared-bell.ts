import { MillraceError } from '../errors.ts'
import { checkInteger, checkNumber } from '../options.ts'

const AWAKE = 0
const WAITING = 1

/**
 * Wakes one thread that waits for others: a word in shared memory that the waiting thread marks and the others ring.
 *
 * A bell belongs to the one thread that waits on it; any number may ring it, and any number of rings may share it, so
 * that a thread can wait for all of them at once. Ringing the bell of a thread that is awake costs one load.
 *
 * **Why no wake-up is lost.** The waiting thread marks the word and then looks again; the other changes what is looked
 * at and then reads the word. All four are `Atomics`, and those are sequentially consistent: they fall into one order
 * that every thread agrees on. In it, either the mark comes before the reading, and the bell rings, or the reading, and
 * so the change, comes before the mark, and the second look sees the change (Dekker's argument). A ring that falls
 * between the second look and the sleep has unmarked the word, and `Atomics.wait` does not sleep on a word that is not
 * what it expects.
 */
export class SharedBell {
  /** The memory the bell lies in; the other threads make theirs of the same. */
  readonly buffer: SharedArrayBuffer
  /** Where in it. */
  readonly byteOffset: number
  readonly #word: Int32Array<SharedArrayBuffer>
  #waiting = false

  /**
   * A bell of the four bytes at `byteOffset`, a multiple of 4, which must be 0 at first. Nothing but bells may write
   * them.
   * @throws {MillraceError} `OPTION_INVALID` when they do not lie in `buffer`.
   */
  constructor(buffer: SharedArrayBuffer, byteOffset = 0) {
    checkInteger('SharedBell', 'byteOffset', byteOffset, { min: 0, max: buffer.byteLength - 4 })
    checkInteger('SharedBell', 'byteOffset / 4', byteOffset / 4)
    this.buffer = buffer
    this.byteOffset = byteOffset
    this.#word = new Int32Array(buffer, byteOffset, 1)
  }

  /** Whether this host has `Atomics.waitAsync`. */
  static get canWaitAsync(): boolean {
    return typeof Atomics.waitAsync === 'function'
  }

  /** Wakes the thread that waits, if it does: call it after the change it waits for. From any thread. */
  ring(): void {
    if (Atomics.load(this.#word, 0) === WAITING && Atomics.exchange(this.#word, 0, AWAKE) === WAITING) {
      Atomics.notify(this.#word, 0)
    }
  }

  /**
   * Blocks this thread until `ready` returns true, the bell rings or `timeoutMs` are over, and returns what `ready`
   * then does.
   *
   * False may come before the time is over: somebody rang for another reason. `ready` must look through `Atomics`, and
   * is called two or three times.
   * @throws {MillraceError} `WAIT_UNSUPPORTED` where threads may not block, as in the main thread of a browser;
   * `BELL_BUSY` when a wait is under way; `OPTION_INVALID` when `timeoutMs` is negative; and what `ready` throws.
   */
  wait(ready: () => boolean, timeoutMs = Number.POSITIVE_INFINITY): boolean {
    if (ready()) return true
    this.#begin(timeoutMs)
    try {
      Atomics.store(this.#word, 0, WAITING)
      if (ready()) return true
      Atomics.wait(this.#word, 0, WAITING, timeoutMs)
    } catch (error) {
      throw error instanceof TypeError ? unsupported('Atomics.wait', 'wait with waitAsync(), or poll', error) : error
    } finally {
      this.#end()
    }
    return ready()
  }

  /**
   * Like {@link SharedBell.wait}, without blocking. What is waited for does not keep a process alive by itself.
   * @throws {MillraceError} as a rejection: `WAIT_UNSUPPORTED` unless {@link SharedBell.canWaitAsync}, and what `wait`
   * throws.
   */
  async waitAsync(ready: () => boolean, timeoutMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    if (ready()) return true
    if (!SharedBell.canWaitAsync) throw unsupported('Atomics.waitAsync', 'poll')
    this.#begin(timeoutMs)
    try {
      Atomics.store(this.#word, 0, WAITING)
      if (ready()) return true
      await Atomics.waitAsync(this.#word, 0, WAITING, timeoutMs).value
    } finally {
      this.#end()
    }
    return ready()
  }

  #begin(timeoutMs: number): void {
    if (!(timeoutMs >= 0)) checkNumber('SharedBell', 'timeoutMs', timeoutMs, { min: 0, max: Number.POSITIVE_INFINITY })
    if (this.#waiting) {
      throw new MillraceError(
        'BELL_BUSY',
        'SharedBell: a wait is under way; await it first, or give each waiter its own',
      )
    }
    this.#waiting = true
  }

  #end(): void {
    this.#waiting = false
    Atomics.store(this.#word, 0, AWAKE)
  }
}

function unsupported(what: string, instead: string, cause?: unknown): MillraceError {
  return new MillraceError('WAIT_UNSUPPORTED', `SharedBell: ${what} is not to be had in this thread; ${instead}`, {
    detail: { what },
    cause,
  })
}
