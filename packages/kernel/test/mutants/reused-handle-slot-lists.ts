import { NONE, type SlotHandle, SlotLists } from '../../src/queue/slot-lists.ts'

/** Gives out the bare slot as its handle: the one of what left finds the next in its slot. */
export class ReusedHandleSlotLists extends SlotLists {
  readonly #taken = new Set<number>()

  override push(list: number): number {
    const slot = super.push(list)
    this.#taken.add(slot)
    return slot
  }

  override unshift(list: number): number {
    const slot = super.unshift(list)
    this.#taken.add(slot)
    return slot
  }

  override remove(slot: number): void {
    super.remove(slot)
    this.#taken.delete(slot)
  }

  override handleOf(slot: number): SlotHandle {
    return slot
  }

  override find(handle: SlotHandle): number {
    return this.#taken.has(handle) ? handle : NONE
  }
}
