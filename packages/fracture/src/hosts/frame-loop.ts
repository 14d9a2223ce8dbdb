import type { FrameHost, FrameUse, TimedFrame } from '@millrace/kernel/frames/frame-host'

/** The frames of a host for as long as they are needed: while nothing is due, none runs, and nothing keeps a process alive. */
export class FrameLoop {
  readonly #host: FrameHost | undefined
  readonly #onFrame: (frame: TimedFrame) => FrameUse
  #stop: (() => void) | undefined

  /** Without a host there are no frames but those run by hand. */
  constructor(host: FrameHost | undefined, onFrame: (frame: TimedFrame) => FrameUse) {
    this.#host = host
    this.#onFrame = onFrame
  }

  wake(): void {
    this.#stop ??= this.#host?.start(this.#onFrame, () => {
      this.#stop = undefined
    })
  }

  rest(): void {
    this.#stop?.()
    this.#stop = undefined
  }
}
