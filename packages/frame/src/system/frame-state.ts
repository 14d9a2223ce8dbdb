import type { Budget } from '@millrace/kernel/execute/budget'
import type { FrameStart } from '../controller-events.ts'

/** The frame that a controller is at. */
export class FrameState implements FrameStart {
  /** Number of the frame that was begun last; 0 before the first. */
  index = 0
  /** What systems see of the time since the one before, in ms. */
  deltaMs = 0
  readonly #budget: Budget

  constructor(budget: Budget) {
    this.#budget = budget
  }

  get allowedMs(): number {
    return this.#budget.allowedMs
  }

  /** Reads the clock. */
  get remainingMs(): number {
    return this.#budget.look()
  }
}
