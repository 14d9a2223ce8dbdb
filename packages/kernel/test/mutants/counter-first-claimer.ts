import { SharedWindowClaimer } from '../../src/queue/shared-window-claimer.ts'
import {
  CLAIM,
  CLAIMED,
  COUNTER,
  heldAs,
  ORDER,
  readyAt,
  STATE,
  TAIL,
  WindowLayout,
} from '../../src/queue/shared-window-layout.ts'

/** Moves the claim counter on first and marks the slot then: who dies between the two takes a task along. */
export class CounterFirstClaimer extends SharedWindowClaimer {
  override claim(): number {
    const words = new Int32Array(this.buffer)
    const { slots, first, step } = WindowLayout.read('CounterFirstClaimer', this.buffer)
    for (;;) {
      const at = Atomics.load(words, CLAIM)
      if (at === Atomics.load(words, TAIL)) return -1
      const slot = Atomics.load(words, ORDER + (at & (2 * slots - 1)))
      if (Atomics.compareExchange(words, CLAIM, at, (at + 1) & COUNTER) !== at) continue
      const ready = readyAt(at)
      const mine = heldAs(CLAIMED, this.number)
      if (Atomics.compareExchange(words, first + slot * step + STATE, ready, mine) === ready) return slot
    }
  }
}
