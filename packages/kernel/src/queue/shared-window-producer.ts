import { MillraceError } from '../errors.ts'
import type { SharedSlotState } from './shared-window.ts'
import {
  BYTES,
  CANCEL,
  CLAIM,
  COUNTER,
  claimerIn,
  corrupt,
  KIND,
  LAST_CLAIMER,
  ORDER,
  PAYLOAD,
  PROGRESS,
  READY,
  readyAt,
  STARTED,
  STATE,
  TAG,
  TAIL,
  TICKET_HIGH,
  TICKET_LOW,
  VOID,
  WindowLayout,
} from './shared-window-layout.ts'
import { SharedWindowSleepers } from './shared-window-sleepers.ts'

const NONE = -1
/** What the producer itself has done with a slot. */
const [FREE, RESERVED, COMMITTED] = [0, 1, 2]

/**
 * The side that has the tasks of a window made by `createSharedWindow`.
 *
 * A slot is reserved, its payload written in place, committed; `publish` shows all that were committed to the
 * claimers. When a task's result has come back, `release` makes its slot free. All is O(1) but `heldBy`; nothing
 * blocks, nothing allocates.
 */
export class SharedWindowProducer {
  /** The memory of the window: lay views over it once, and write at the offsets that `offsetOf` returns. */
  readonly buffer: SharedArrayBuffer
  /** Most tasks at once, those under way included. */
  readonly slots: number
  /** Bytes of the largest payload. */
  readonly slotBytes: number
  readonly #words: Int32Array<SharedArrayBuffer>
  readonly #layout: WindowLayout
  readonly #sleepers: SharedWindowSleepers
  /** By slot: FREE, RESERVED or COMMITTED. */
  readonly #uses: Uint8Array
  /** Slots that are free. The one freed last is taken first: it is still in the cache. */
  readonly #free: Uint16Array
  #freeCount: number
  #reservedCount = 0
  /** The position of the next task. */
  #next: number
  /** As last published. */
  #tail: number
  /**
   * The claim counter as last seen. PERF: it is loaded only when the line seems full; bench/kernel/shared-window.bench.ts.
   */
  #claim: number

  /** @throws {MillraceError} `WINDOW_CORRUPT` when `buffer` is no window, or one that has held tasks. */
  constructor(buffer: SharedArrayBuffer) {
    this.#layout = WindowLayout.read('SharedWindowProducer', buffer)
    const { slots, slotBytes } = this.#layout
    this.buffer = buffer
    this.slots = slots
    this.slotBytes = slotBytes
    this.#words = new Int32Array(buffer)
    this.#sleepers = new SharedWindowSleepers(this.#words)
    this.#uses = new Uint8Array(slots)
    this.#free = Uint16Array.from({ length: slots }, (_, index) => slots - 1 - index)
    this.#freeCount = slots
    this.#tail = Atomics.load(this.#words, TAIL)
    this.#claim = Atomics.load(this.#words, CLAIM)
    this.#next = this.#tail
    if ((this.#tail & ~COUNTER) !== 0 || this.#claim !== this.#tail) throw this.#misplaced(this.#claim)
  }

  /** Tasks that were committed and that nobody has claimed yet; withdrawn ones count until they are passed. */
  get waiting(): number {
    return (this.#next - this.#checked(Atomics.load(this.#words, CLAIM))) & COUNTER
  }

  /**
   * Takes a free slot, or returns -1 when there is none: every slot has a task, or as many wait or were withdrawn after
   * one that waits. When it seems so, publishes what was committed, lest both sides wait for each other. A slot that is
   * not committed after all is to be released.
   */
  reserve(): number {
    if (this.#freeCount === 0 || !this.#hasPlace()) {
      this.publish()
      return NONE
    }
    const slot = this.#free[--this.#freeCount]!
    this.#uses[slot] = RESERVED
    this.#reservedCount++
    return slot
  }

  /** The byte offset of a slot's payload in {@link SharedWindowProducer.buffer}, a multiple of 8. */
  offsetOf(slot: number): number {
    return 4 * (this.#word(slot) + PAYLOAD)
  }

  /**
   * Puts the task in a reserved slot at the end of the line, with the bytes really written, a `tag` of 32 bits and a
   * `ticket`, an integer from 0 to 2^53. Claimers see it from the next `publish` on.
   * @throws {MillraceError} `WINDOW_COMMIT_INVALID` when `slot` is not reserved or has no room for `bytes`.
   */
  commit(slot: number, bytes: number, tag = 0, ticket = 0): void {
    if (this.#uses[slot] !== RESERVED || !(bytes >= 0 && bytes <= this.slotBytes)) {
      throw this.#notCommittable(slot, bytes)
    }
    this.#uses[slot] = COMMITTED
    this.#reservedCount--
    const words = this.#words
    const word = this.#word(slot)
    words[word + BYTES] = bytes
    words[word + TAG] = tag
    words[word + TICKET_LOW] = ticket
    words[word + TICKET_HIGH] = ticket / 2 ** 32
    words[word + CANCEL] = 0
    words[word + PROGRESS] = 0
    this.#lineUp(slot)
  }

  /** Shows the claimers all that was committed, and wakes at most one for each task that is new. */
  publish(): void {
    const count = (this.#next - this.#tail) & COUNTER
    if (count === 0) return
    this.#tail = this.#next
    Atomics.store(this.#words, TAIL, this.#tail)
    this.#sleepers.wake(count)
  }

  /**
   * Wakes at most one claimer for each task that waits. For when a claimer has died: it may have been the one that was
   * woken.
   */
  wake(): void {
    this.#sleepers.wake(this.waiting)
  }

  /**
   * Takes back a task that nobody has claimed; returns whether it did. If so nobody ever will, and the slot is free; if
   * not, the task is a claimer's.
   * @throws {MillraceError} `WINDOW_SLOT_INVALID` when the slot has no task.
   */
  withdraw(slot: number): boolean {
    const state = this.#stateOf(slot)
    if ((state & KIND) !== READY) return false
    if (Atomics.compareExchange(this.#words, this.#word(slot) + STATE, state, VOID) !== state) return false
    this.#setFree(slot)
    return true
  }

  /** Asks whoever runs the task, now or later, to end it early: see `SharedWindowClaimer.cancelled`. */
  requestCancel(slot: number): void {
    Atomics.store(this.#words, this.#word(slot) + CANCEL, 1)
  }

  /** How far the task is, 0 to 1, as its claimer last told. */
  progressOf(slot: number): number {
    return (Atomics.load(this.#words, this.#word(slot) + PROGRESS) & COUNTER) / COUNTER
  }

  /**
   * Makes a slot free whose task is done, or was only reserved. Its claimer, if it has one, must be through with it, by
   * a result that was received or because its thread has ended.
   * @throws {MillraceError} `WINDOW_SLOT_INVALID` when it is free already.
   */
  release(slot: number): void {
    const use = this.#uses[slot]
    if (use === RESERVED) this.#reservedCount--
    else if (use !== COMMITTED) throw this.#notInUse(slot)
    this.#setFree(slot)
  }

  /**
   * Puts a claimed task at the end of the line once more, with its payload, tag and ticket: its claimer has died.
   * Claimers see it from the next `publish` on.
   * @throws {MillraceError} `WINDOW_SLOT_INVALID` unless the task is claimed.
   */
  recommit(slot: number): void {
    if ((this.#stateOf(slot) & KIND) === READY) throw this.#notInUse(slot)
    this.#words[this.#word(slot) + PROGRESS] = 0
    this.#lineUp(slot)
  }

  /**
   * What has become of a slot.
   * @throws {MillraceError} `WINDOW_CORRUPT` when it has a state that nobody gives.
   */
  stateOf(slot: number): SharedSlotState {
    if (this.#uses[slot] !== COMMITTED) return this.#uses[slot] === RESERVED ? 'reserved' : 'free'
    const kind = this.#stateOf(slot) & KIND
    return kind === READY ? 'ready' : kind === STARTED ? 'started' : 'claimed'
  }

  /**
   * The number of the claimer that has the slot's task, or -1.
   * @throws {MillraceError} as `stateOf` does.
   */
  claimerOf(slot: number): number {
    if (this.#uses[slot] !== COMMITTED) return NONE
    const state = this.#stateOf(slot)
    return (state & KIND) === READY ? NONE : claimerIn(state)
  }

  /**
   * The slots whose tasks `claimer` has, in no promised order: what a thread that has ended leaves behind, each to be
   * released or recommitted. O(slots). Of a thread that has not ended it says little.
   */
  heldBy(claimer: number): number[] {
    const held: number[] = []
    for (let slot = 0; slot < this.slots; slot++) if (this.claimerOf(slot) === claimer) held.push(slot)
    return held
  }

  /**
   * Whether a task more can get in line. Reservations, tasks that wait and positions that were withdrawn behind them
   * are kept to as many as there are slots. What was recommitted comes on top: there is a claimed task fewer for each,
   * so twice the slots hold all.
   */
  #hasPlace(): boolean {
    if (((this.#next - this.#claim) & COUNTER) + this.#reservedCount < this.slots) return true
    this.publish()
    this.#passOver()
    return ((this.#next - this.#claim) & COUNTER) + this.#reservedCount < this.slots
  }

  #lineUp(slot: number): void {
    const at = this.#next
    if (((at - this.#claim) & COUNTER) === 2 * this.slots) this.#passOver()
    Atomics.store(this.#words, this.#word(slot) + STATE, readyAt(at))
    Atomics.store(this.#words, ORDER + (at & (2 * this.slots - 1)), slot)
    this.#next = (at + 1) & COUNTER
  }

  /** Moves the claim counter past tasks that do not wait, as claimers do: they may be busy. */
  #passOver(): void {
    const words = this.#words
    let at = this.#checked(Atomics.load(words, CLAIM))
    while (at !== this.#tail) {
      const slot = Atomics.load(words, ORDER + (at & (2 * this.slots - 1)))
      if (!(slot >= 0 && slot < this.slots)) {
        throw corrupt('SharedWindowProducer', `there is no slot ${slot}`, { slot, at })
      }
      if (Atomics.load(words, this.#word(slot) + STATE) === readyAt(at)) break
      const seen = Atomics.compareExchange(words, CLAIM, at, (at + 1) & COUNTER)
      at = seen === at ? (at + 1) & COUNTER : this.#checked(seen)
    }
    this.#claim = at
  }

  /** The claim counter: it may only have moved on, and not past what was published. */
  #checked(at: number): number {
    const passed = (at - this.#claim) & COUNTER
    if ((at & ~COUNTER) !== 0 || passed > ((this.#tail - this.#claim) & COUNTER)) throw this.#misplaced(at)
    return at
  }

  /** The state of a slot that has a task. */
  #stateOf(slot: number): number {
    if (this.#uses[slot] !== COMMITTED) throw this.#notInUse(slot)
    const state = Atomics.load(this.#words, this.#word(slot) + STATE)
    const kind = state & KIND
    if (kind === VOID || (kind !== READY && claimerIn(state) > LAST_CLAIMER)) {
      throw corrupt('SharedWindowProducer', `slot ${slot} cannot be in state ${state}`, { slot, state })
    }
    return state
  }

  #setFree(slot: number): void {
    this.#uses[slot] = FREE
    this.#free[this.#freeCount++] = slot
  }

  #word(slot: number): number {
    return this.#layout.first + slot * this.#layout.step
  }

  #notCommittable(slot: number, bytes: number): MillraceError {
    const { slotBytes } = this
    return new MillraceError(
      'WINDOW_COMMIT_INVALID',
      `SharedWindowProducer: cannot commit ${bytes} bytes in slot ${slot}, which ` +
        (this.#uses[slot] === RESERVED ? `has room for ${slotBytes}` : 'is not reserved; reserve before each commit'),
      { detail: { slot, bytes, slotBytes } },
    )
  }

  #notInUse(slot: number): MillraceError {
    const state = this.#uses[slot] === undefined ? 'not there' : this.stateOf(slot)
    return new MillraceError(
      'WINDOW_SLOT_INVALID',
      `SharedWindowProducer: slot ${slot} is ${state}; release a task once, withdraw or recommit it before`,
      { detail: { slot, state } },
    )
  }

  #misplaced(at: number): MillraceError {
    return corrupt(
      'SharedWindowProducer',
      `the claim counter cannot be at ${at}, tasks wait from ${this.#claim} to ${this.#tail}`,
      { at, claim: this.#claim, tail: this.#tail },
    )
  }
}
