import { checkInteger } from '../options.ts'
import {
  BYTES,
  CANCEL,
  CLAIM,
  CLAIMED,
  COUNTER,
  corrupt,
  heldAs,
  LAST_CLAIMER,
  ORDER,
  PAYLOAD,
  PROGRESS,
  readyAt,
  STARTED,
  STATE,
  TAG,
  TAIL,
  TICKET_HIGH,
  TICKET_LOW,
  WindowLayout,
} from './shared-window-layout.ts'
import { SharedWindowSleepers } from './shared-window-sleepers.ts'

const NONE = -1

export interface SharedWindowClaimerOptions {
  /**
   * How often a wait looks for a task before it sleeps, at least 0. Falling asleep and being woken costs both threads
   * microseconds; a look costs nanoseconds, and a core that nobody else can use. @default 1000
   */
  readonly looks?: number
}

/**
 * One of the sides that take tasks from a window made by `createSharedWindow`.
 *
 * `claim` takes the task that was committed first of those that wait. From then on its slot is this claimer's, to read,
 * until the producer learns of the result, by whatever way results go. Many may be claimed at once, but each claim
 * keeps the others from a task. `claim`, `start`, `progress` and `cancelled` are O(1) and lock-free: no claimer waits
 * for another that stands still. Nothing blocks but `wait`, and nothing allocates but waiting.
 */
export class SharedWindowClaimer {
  /** The memory of the window: lay views over it once, and read at the offsets that `offsetOf` returns. */
  readonly buffer: SharedArrayBuffer
  /** The number by which the producer knows this claimer. */
  readonly number: number
  /** Bytes of the largest payload. */
  readonly slotBytes: number
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #layout: WindowLayout
  readonly #claimed: number
  readonly #sleepers: SharedWindowSleepers
  readonly #looks: number
  /**
   * The producer's counter as last seen. PERF: it is loaded only when no task seems to wait;
   * bench/kernel/shared-window.bench.ts.
   */
  #tail: number
  readonly #isReady = (): boolean => this.ready

  /**
   * A claimer of a `number` from 0 to 1022 that no other one alive has, nor one that died with tasks still to be
   * released.
   * @throws {MillraceError} `OPTION_INVALID`; `WINDOW_CORRUPT` when `buffer` is no window.
   */
  constructor(buffer: SharedArrayBuffer, number: number, options: SharedWindowClaimerOptions = {}) {
    this.number = checkInteger('SharedWindowClaimer', 'number', number, { min: 0, max: LAST_CLAIMER })
    this.#looks = checkInteger('SharedWindowClaimer', 'looks', options.looks ?? 1000, { min: 0 })
    this.#layout = WindowLayout.read('SharedWindowClaimer', buffer)
    this.slotBytes = this.#layout.slotBytes
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
    this.#tail = Atomics.load(this.#words, TAIL)
    this.#claimed = heldAs(CLAIMED, number)
    this.#sleepers = new SharedWindowSleepers(this.#words)
  }

  /** Whether a task seems to wait. Another claimer may be quicker, and withdrawn ones count until they are passed. */
  get ready(): boolean {
    return Atomics.load(this.#words, CLAIM) !== Atomics.load(this.#words, TAIL)
  }

  /**
   * Takes the next task and returns its slot, or -1 when none waits. Withdrawn tasks are passed over.
   * @throws {MillraceError} `WINDOW_CORRUPT` when the memory holds what nobody writes.
   */
  claim(): number {
    const words = this.#words
    const { slots } = this.#layout
    for (;;) {
      const at = Atomics.load(words, CLAIM)
      const left = (this.#tail - at) & COUNTER
      if ((left === 0 || left > 2 * slots) && !this.#look(at)) {
        if (this.#tail === at) return NONE
        continue
      }
      const slot = Atomics.load(words, ORDER + (at & (2 * slots - 1)))
      if (!(slot >= 0 && slot < slots)) throw corrupt('SharedWindowClaimer', `there is no slot ${slot}`, { slot, at })
      const ready = readyAt(at)
      const isMine = Atomics.compareExchange(words, this.#word(slot) + STATE, ready, this.#claimed) === ready
      // What was withdrawn, or claimed by another who has not come to move the counter, is passed over.
      if (isMine || Atomics.load(words, TAIL) !== at) {
        Atomics.compareExchange(words, CLAIM, at, (at + 1) & COUNTER)
      }
      if (isMine) return slot
    }
  }

  /** The byte offset of a claimed task's payload in {@link SharedWindowClaimer.buffer}, a multiple of 8. */
  offsetOf(slot: number): number {
    return 4 * (this.#word(slot) + PAYLOAD)
  }

  /**
   * Bytes of its payload.
   * @throws {MillraceError} `WINDOW_CORRUPT` when it cannot have so many.
   */
  bytesOf(slot: number): number {
    const bytes = this.#words[this.#word(slot) + BYTES]!
    if (bytes >= 0 && bytes <= this.slotBytes) return bytes
    throw corrupt('SharedWindowClaimer', `no task can have ${bytes} bytes`, { slot, bytes })
  }

  /** The tag that the producer gave it. */
  tagOf(slot: number): number {
    return this.#words[this.#word(slot) + TAG]!
  }

  /** The ticket that the producer gave it. */
  ticketOf(slot: number): number {
    const word = this.#word(slot)
    return (this.#words[word + TICKET_HIGH]! >>> 0) * 2 ** 32 + (this.#words[word + TICKET_LOW]! >>> 0)
  }

  /** Marks a claimed task as started: should this thread die, it may have had effects. */
  start(slot: number): void {
    Atomics.store(this.#words, this.#word(slot) + STATE, heldAs(STARTED, this.number))
  }

  /** Tells how far a claimed task is, 0 to 1, to a producer that asks. */
  progress(slot: number, fraction: number): void {
    Atomics.store(this.#words, this.#word(slot) + PROGRESS, Math.min(Math.max(fraction, 0), 1) * COUNTER)
  }

  /** Whether the producer wants a claimed task to end early. Costs a load. */
  cancelled(slot: number): boolean {
    return Atomics.load(this.#words, this.#word(slot) + CANCEL) !== 0
  }

  /**
   * Looks for a task `looks` times, then blocks until one waits, this thread is woken for nothing or `timeoutMs` are
   * over; returns whether one waits. As many sleepers are woken as tasks are published, those longest asleep first.
   * @throws {MillraceError} `WAIT_UNSUPPORTED` where threads may not block; `OPTION_INVALID` when `timeoutMs` is
   * negative.
   */
  wait(timeoutMs = Number.POSITIVE_INFINITY): boolean {
    if (this.#watch()) return true
    this.#sleepers.sleep(this.#isReady, timeoutMs)
    return this.ready
  }

  /**
   * Like `wait`, without blocking. A wait that nobody awaits any more may take a wake-up from another claimer. What is
   * waited for does not keep a process alive by itself.
   * @throws {MillraceError} as a rejection: what `wait` throws.
   */
  async waitAsync(timeoutMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    if (this.#watch()) return true
    await this.#sleepers.sleepAsync(this.#isReady, timeoutMs)
    return this.ready
  }

  /** Loads the producer's counter; returns whether a task may wait at the claim counter, when it is still at `at`. */
  #look(at: number): boolean {
    const tail = Atomics.load(this.#words, TAIL)
    this.#tail = tail
    if (((at | tail) & ~COUNTER) === 0 && ((tail - at) & COUNTER) <= 2 * this.#layout.slots) return tail !== at
    // The producer may have gone on since the claim counter was loaded, but only with that counter.
    if (Atomics.load(this.#words, CLAIM) === at) {
      throw corrupt('SharedWindowClaimer', `the claim counter cannot be at ${at}, the tasks end at ${tail}`, {
        at,
        tail,
      })
    }
    return false
  }

  #watch(): boolean {
    for (let look = 0; look < this.#looks; look++) if (this.ready) return true
    return false
  }

  #word(slot: number): number {
    return this.#layout.first + slot * this.#layout.step
  }
}
