import { NONE, SlotLists, type SlotListsOptions } from '../../src/queue/slot-lists.ts'

/** Moves its slots as it grows, and says that all stayed where they were. */
export class StillSlotLists extends SlotLists {
  constructor({ lists, onGrow }: SlotListsOptions) {
    super({
      lists,
      onGrow: (capacity, movedFrom) =>
        onGrow?.(
          capacity,
          movedFrom.map((_, slot) => (slot < capacity / 2 ? slot : NONE)),
        ),
    })
  }
}
