import { SharedWindowClaimer } from '../../src/queue/shared-window-claimer.ts'
import {
  CLAIM,
  CLAIMED,
  COUNTER,
  heldAs,
  KIND,
  ORDER,
  READY,
  STATE,
  TAIL,
  WindowLayout,
} from '../../src/queue/shared-window-layout.ts'

/** Claims whatever waits in the slot that it found: after a pause another task, which others should precede. */
export class AnyReadyClaimer extends SharedWindowClaimer {
  override claim(): number {
    const words = new Int32Array(this.buffer)
    const { slots, first, step } = WindowLayout.read('AnyReadyClaimer', this.buffer)
    for (;;) {
      const at = Atomics.load(words, CLAIM)
      if (at === Atomics.load(words, TAIL)) return -1
      const slot = Atomics.load(words, ORDER + (at & (2 * slots - 1)))
      const state = first + slot * step + STATE
      const seen = Atomics.load(words, state)
      const mine = heldAs(CLAIMED, this.number)
      const isMine = (seen & KIND) === READY && Atomics.compareExchange(words, state, seen, mine) === seen
      Atomics.compareExchange(words, CLAIM, at, (at + 1) & COUNTER)
      if (isMine) return slot
    }
  }
}
