import { WindowLayout } from './shared-window-layout.ts'

/** How much a shared window holds. */
export interface SharedWindowOptions {
  /** Most tasks in it at once, those under way included: a power of two, 1 to 65,536. @default 256 */
  readonly slots?: number
  /** Bytes of the largest payload: a multiple of 8, 8 to 2^28. @default 4096 */
  readonly slotBytes?: number
}

/** What has become of a slot. A slot is `free`, or holds a task that nobody has `claimed` yet, or somebody has. */
export type SharedSlotState = 'free' | 'reserved' | 'ready' | 'claimed' | 'started'

/**
 * The memory of a window between one thread that has tasks and many that take them: the one makes a
 * {@link SharedWindowProducer} of it, each of the others a {@link SharedWindowClaimer}. Handed over like any
 * `SharedArrayBuffer`. There is one producer in its life.
 *
 * **Slots.** A task lies in a slot from its commit until it is released: while it waits, and while it is under way. They
 * become free in any order, so that a task that takes long holds up nothing but its own slot.
 *
 * **Order.** First committed, first claimed. A commit gives the task the next *position* and notes its slot there. The
 * claim counter is the first position at which a task may still wait.
 *
 * **Why each task is claimed once, whoever dies when.** A waiting task's state word is its position. A claimer finds the
 * slot at the claim counter and exchanges the state, if it is still that position, for its own number: this one step is
 * the claim, and what the producer reads when a claimer has died. Then it moves the counter on, and so does everybody
 * who finds that the task there no longer waits: when a claimer dies between the two steps, the next one makes up for
 * it. One that stood still meanwhile finds another state, even if the slot has a new task by now, for that one has
 * another position (until 2^30 tasks have passed between two of its instructions). To withdraw a task the producer
 * exchanges its state in the same way: either it or a claimer wins.
 *
 * **Why claimers see whole tasks.** The producer writes a task with plain stores, then its state by `Atomics.store`; the
 * exchange that claims it reads that state, and so, in the memory model of ECMAScript, *synchronizes with* the store:
 * what came before the one *happens before* what comes after the other. Nobody reads a payload without having claimed
 * it, and the producer writes it only while nobody has: before the commit, and after it learned by atomics (a shared
 * ring) or from the host (the thread has ended) that the claimer is done. So the program is free of data races, as with
 * `createSharedRing`. Sleeping and waking is argued in `SharedWindowSleepers`.
 *
 * **Trust.** The others may be broken. What is read in shared memory is checked against the bounds before it is used;
 * what does not fit is `WINDOW_CORRUPT`.
 * @throws {MillraceError} `OPTION_INVALID` when an option is out of bounds, or all slots come to 2 GiB.
 */
export function createSharedWindow(options: SharedWindowOptions = {}): SharedArrayBuffer {
  const { slots = 256, slotBytes = 4096 } = options
  const layout = WindowLayout.of(slots, slotBytes)
  const buffer = new SharedArrayBuffer(layout.byteLength)
  layout.write(buffer)
  return buffer
}
