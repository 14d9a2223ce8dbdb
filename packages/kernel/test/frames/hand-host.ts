import type { FrameHost, FrameUse, TimedFrame } from '../../src/frames/frame-host.ts'

/** A host whose frames a test makes, one loop at a time. */
export class HandHost implements FrameHost {
  starts = 0
  stops = 0
  #onFrame: ((frame: TimedFrame) => FrameUse) | undefined
  #onEnd: (() => void) | undefined

  start(onFrame: (frame: TimedFrame) => FrameUse, onEnd?: () => void): () => void {
    this.starts++
    this.#onFrame = onFrame
    this.#onEnd = onEnd
    return () => this.stops++
  }

  /** A frame, even where it was stopped, as a host that is not in order might have it. */
  frame(frame: TimedFrame): FrameUse {
    if (this.#onFrame === undefined) throw new Error('not started')
    return this.#onFrame(frame)
  }

  end(): void {
    this.#onEnd?.()
  }
}
