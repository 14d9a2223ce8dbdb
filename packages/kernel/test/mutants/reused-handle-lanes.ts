import { type LaneHandle, Lanes } from '../../src/queue/lanes.ts'

/** Hands out the bare slot, without its lap: the handle of an item that left cancels the next in its slot. */
export class ReusedHandleLanes<T> extends Lanes<T> {
  readonly #current = new Map<number, LaneHandle>()

  override push(item: T, lane: number, now: number): LaneHandle {
    const handle = super.push(item, lane, now)
    const slot = handle % 16
    this.#current.set(slot, handle)
    return slot
  }

  override cancel(handle: LaneHandle): boolean {
    return super.cancel(this.#current.get(handle) ?? -1)
  }
}
