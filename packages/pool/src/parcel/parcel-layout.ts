/*
 * Several tasks of one kind in one slot of the window: a head, the inputs, the outputs.
 *
 * The pool writes head and inputs before it publishes the slot, and the worker that claims it runs the entries in order
 * and writes their outputs behind the inputs. Both are plain accesses: publishing and claiming order them one way, the
 * record in the worker's ring that says how many are done the other way.
 *
 * **Taking back.** A task that is slow holds up those behind it, so the pool may take back what is not begun. The
 * worker stores in BEGUN that it begins entry i, then loads LIMIT, and runs the entry only if it is below. The pool
 * lowers LIMIT to what it saw in BEGUN, then loads BEGUN again. These four are atomic, and so in one order that both
 * agree on: when the pool sees BEGUN unchanged, the worker's next store comes after that load, and so after the pool's
 * store, and its load sees the new limit. When the pool sees that it has moved, it has taken nothing: the worker stops
 * soon, and says where.
 *
 * **What a dead worker has done.** It stored BEGUN after the output of the entry before: outputs below BEGUN - 1 are
 * whole, entry BEGUN - 1 may have had effects, those from BEGUN on had none.
 */

/**
 * Words of the head: entries; how many were begun; how many may be; the byte at which the outputs begin, from the
 * slot's.
 */
export const COUNT = 0
export const BEGUN = 1
export const LIMIT = 2
export const OUTPUTS = 3
export const HEAD_BYTES = 16

/**
 * Words before each input and each output: its bytes; and of an input, whether it is to be skipped, of an output, what
 * it is.
 */
export const BYTES = 0
export const STATE = 1
export const ENTRY_BYTES = 8

/** What an output is: a value; nothing here, it comes in a message; or nothing at all, the task was skipped. */
export const VALUE = 1
export const ELSEWHERE = 2
export const SKIPPED = 3

/** Most entries of a parcel. */
export const MOST_ENTRIES = 64

/**
 * Bytes of a slot that has room for inputs of so many, with the head of the first, and for as many bytes of outputs.
 */
export function slotBytesFor(inputBytes: number): number {
  return HEAD_BYTES + 2 * (ENTRY_BYTES + inputBytes)
}

/** Names one entry of one parcel in messages. */
export function entryTicket(ticket: number, entry: number): number {
  return ticket * MOST_ENTRIES + entry
}

export function ticketIn(entryTicket: number): number {
  return Math.floor(entryTicket / MOST_ENTRIES)
}

export function entryIn(entryTicket: number): number {
  return entryTicket % MOST_ENTRIES
}
