import { SharedBell } from '@millrace/kernel/queue/shared-bell'

/**
 * The pool's bell in the hand of a ring that publishes each record at once: it is rung for many together.
 *
 * So a result is never lost with the thread that made it, and yet a pool that sleeps is not woken for each.
 */
export class DeferredBell extends SharedBell {
  #isDue = false

  /** Notes that there is a reason to ring. */
  override ring(): void {
    this.#isDue = true
  }

  /** Rings, if there was a reason since the last time. */
  ringIfDue(): void {
    if (!this.#isDue) return
    this.#isDue = false
    super.ring()
  }
}
