import type { Parcel } from '../dispatch/parcel.ts'

/** What the pool knows of a slot of the window, whatever parcel is in it: one a slot, used again. */
export class Stay {
  readonly slot: number
  /** The byte of the window at which the slot's payload begins. */
  readonly offset: number
  parcel: Parcel | undefined = undefined
  /** Entries that are this slot's to answer; those from `limit` on travel in another parcel by now. */
  limit = 0
  /** Entries that were skipped at the start, as another parcel has them. */
  first = 0
  /** The byte at which the outputs begin, from the slot's. */
  outputs = 0
  /** Entries whose outputs were read, and the byte at which the next output is, from the slot's. */
  read = 0
  next = 0
  /** Those of them that were run, not skipped. */
  ran = 0
  /**
   * Outputs that are in messages still to be heard; below 0 when they were heard before the pool knew that they would
   * come.
   */
  missing = 0
  /** Whether the worker is through with it. */
  isDone = false
  /** Whether it was begun when it was looked at last. */
  wasBegun = false

  constructor(slot: number, offset: number) {
    this.slot = slot
    this.offset = offset
  }

  /** A parcel is ready to be claimed, whose outputs will begin at `outputs`. */
  begin(parcel: Parcel, first: number, outputs: number): void {
    this.parcel = parcel
    this.first = first
    this.limit = parcel.count
    this.read = 0
    this.ran = 0
    this.outputs = outputs
    this.next = outputs
    this.missing = 0
    this.isDone = false
    this.wasBegun = false
  }

  /** Tasks that it stands for. */
  get tasks(): number {
    return this.limit - this.first
  }
}
