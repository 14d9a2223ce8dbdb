import type { FrameHost, FrameUse, TimedFrame } from '@millrace/kernel/frames/frame-host'

/** The frames of a host for as long as they are needed: while nothing is due, none runs, and nothing keeps a process alive. */
export class FrameLoop {
  readonly #host: FrameHost | undefined
  readonly #onFrame: (frame: TimedFrame) => FrameUse
  #stop: (() => void) | undefined
  #starts = 0

  /** Without a host there are no frames but those run by hand. */
  constructor(host: FrameHost | undefined, onFrame: (frame: TimedFrame) => FrameUse) {
    this.#host = host
    this.#onFrame = onFrame
  }

  wake(): void {
    if (this.#stop !== undefined || this.#host === undefined) return
    const start = ++this.#starts
    let hasEnded = false
    const stop = this.#host.start(this.#onFrame, () => {
      hasEnded = true
      // Frames that were stopped may tell their end late, when others run.
      if (start === this.#starts) this.#stop = undefined
    })
    if (!hasEnded) this.#stop = stop
  }

  rest(): void {
    this.#stop?.()
    this.#stop = undefined
  }
}
