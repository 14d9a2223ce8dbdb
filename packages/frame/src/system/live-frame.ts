import type { FrameState } from './frame-state.ts'
import type { SystemFrame } from './system-frame.ts'

/** What the runs of a system are given: the frame that its controller is at, whenever it is read. */
export class LiveFrame implements SystemFrame {
  readonly turn: () => Promise<void>
  readonly #state: FrameState

  constructor(state: FrameState, turn: () => Promise<void>) {
    this.#state = state
    this.turn = turn
  }

  get index(): number {
    return this.#state.index
  }

  get deltaMs(): number {
    return this.#state.deltaMs
  }

  get remainingMs(): number {
    return this.#state.remainingMs
  }
}
