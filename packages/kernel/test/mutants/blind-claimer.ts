import { SharedWindowClaimer } from '../../src/queue/shared-window-claimer.ts'

/** No second look before sleeping: a task that came after the first one is slept through. */
export class BlindClaimer extends SharedWindowClaimer {
  override get ready(): boolean {
    return false
  }
}
