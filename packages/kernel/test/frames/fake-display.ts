import { VirtualClock } from '../../src/virtual-clock.ts'

type AnimationCallback<Frame> = (timeMs: number, frame: Frame) => void

/** Stands in for a window or an `XRSession`: frames come when it is told so. */
export class FakeDisplay<Frame = undefined> {
  readonly clock = new VirtualClock({ now: 1000 })
  readonly performance = this.clock
  #callbacks = new Map<number, AnimationCallback<Frame>>()
  #listeners = new Set<() => void>()
  #handle = 0

  /** Callbacks and listeners that wait. */
  get pending(): number {
    return this.#callbacks.size + this.#listeners.size
  }

  requestAnimationFrame(callback: AnimationCallback<Frame>): number {
    this.#callbacks.set(++this.#handle, callback)
    return this.#handle
  }

  cancelAnimationFrame(handle: number): void {
    this.#callbacks.delete(handle)
  }

  addEventListener(type: 'end', listener: () => void): void {
    if (type === 'end') this.#listeners.add(listener)
  }

  removeEventListener(type: 'end', listener: () => void): void {
    if (type === 'end') this.#listeners.delete(listener)
  }

  /** Ends an `XRSession`. */
  end(): void {
    for (const listener of this.#listeners) listener()
  }

  /** A frame of `timeMs`, by default of now; errors go to `onError`, as uncaught ones. */
  showFrame(frame: Frame, onError: (error: unknown) => void = throwIt, timeMs = this.clock.now()): void {
    const callbacks = this.#callbacks
    this.#callbacks = new Map()
    for (const callback of callbacks.values()) {
      try {
        callback(timeMs, frame)
      } catch (error) {
        onError(error)
      }
    }
  }
}

function throwIt(error: unknown): never {
  throw error
}
