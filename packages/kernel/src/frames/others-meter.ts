import { frameGlobals } from './frame-globals.ts'

/**
 * Measures what others use of a thread's frames: all the time from a frame's beginning until the thread is done with it, less
 * what the frame's own work used.
 *
 * The thread is done when it gets to a message that was posted at the end of the work: in a browser style, layout and paint
 * come between. What other threads and the GPU still do is not seen, nor what runs between frames.
 */
export class OthersMeter {
  readonly #now: () => number
  readonly #channel = new (frameGlobals().MessageChannel)()
  #beganAt = 0
  #usedMs = 0
  #isOpen = false
  #otherMs: number | undefined

  /** Reads the clock that `beganAt` is of. */
  constructor(now: () => number) {
    this.#now = now
    this.#channel.port1.onmessage = () => {
      this.#isOpen = false
      this.#otherMs = Math.max(0, this.#now() - this.#beganAt - this.#usedMs)
    }
  }

  /** What others used of the last frame that is over, in ms; undefined before the first. */
  get otherMs(): number | undefined {
    return this.#otherMs
  }

  /** The work of the frame that began at `beganAt` has ended, and has used so much. */
  workEnded(beganAt: number, usedMs: number): void {
    if (this.#isOpen) return
    this.#isOpen = true
    this.#beganAt = beganAt
    this.#usedMs = usedMs
    this.#channel.port2.postMessage(undefined)
  }

  /** Lets go of the channel, which would keep a process alive. */
  close(): void {
    this.#channel.port1.onmessage = null
    this.#channel.port1.close()
  }
}
