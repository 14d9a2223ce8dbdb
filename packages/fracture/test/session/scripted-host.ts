import type { FrameHost, FrameUse, TimedFrame } from '@millrace/kernel'

/** Frames that a test runs, and only as long as somebody has them started: who rests when something is due is found out. */
export class ScriptedHost implements FrameHost {
  #onFrame: ((frame: TimedFrame) => FrameUse) | undefined
  /** How often it was started, and whether ever twice at a time. */
  starts = 0
  wasDoubled = false
  inFrame = false

  get isStarted(): boolean {
    return this.#onFrame !== undefined
  }

  start(onFrame: (frame: TimedFrame) => FrameUse): () => void {
    this.wasDoubled ||= this.isStarted
    this.starts++
    this.#onFrame = onFrame
    return () => {
      if (this.#onFrame === onFrame) this.#onFrame = undefined
    }
  }

  /** Runs a frame, where there are frames. */
  run(): void {
    const wasInFrame = this.inFrame
    this.inFrame = true
    try {
      this.#onFrame?.({ deltaMs: 16 })
    } finally {
      this.inFrame = wasInFrame
    }
  }
}
