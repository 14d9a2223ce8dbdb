import { MillraceError } from '../errors.ts'
import { frameGlobals } from './frame-globals.ts'
import type { FrameHost } from './frame-host.ts'
import { OthersMeter } from './others-meter.ts'

/** What is needed of a `Window`, or of a dedicated worker's global scope. */
export interface AnimationWindow {
  requestAnimationFrame(callback: (timeMs: number) => void): number
  cancelAnimationFrame(handle: number): void
  readonly performance: { now(): number }
}

export interface AnimationFramesOptions {
  /** Whose frames. @default that of this code */
  readonly window?: AnimationWindow
}

/**
 * The frames of a browser's window: its `requestAnimationFrame`.
 *
 * A hidden window has none. Tells what the rest of the page used of the last frame, from the frame's timestamp until it was
 * painted.
 * @throws {MillraceError} `HOST_UNAVAILABLE` where there is no `requestAnimationFrame`, as in Node.
 */
export function animationFrames(options: AnimationFramesOptions = {}): FrameHost {
  const view = options.window ?? frameGlobals()
  if (!isAnimationWindow(view)) {
    throw new MillraceError(
      'HOST_UNAVAILABLE',
      'animationFrames: there is no requestAnimationFrame here; take timerFrames({ fps }) outside of pages',
      { detail: { owner: 'animationFrames', missing: 'requestAnimationFrame' } },
    )
  }
  return {
    start(onFrame) {
      const meter = new OthersMeter(() => view.performance.now())
      let last: number | undefined
      const onAnimationFrame = (timeMs: number) => {
        handle = view.requestAnimationFrame(onAnimationFrame)
        const deltaMs = Math.max(0, timeMs - (last ?? timeMs))
        last = timeMs
        meter.workEnded(timeMs, onFrame({ deltaMs, otherMs: meter.otherMs }).usedMs)
      }
      let handle = view.requestAnimationFrame(onAnimationFrame)
      return () => {
        view.cancelAnimationFrame(handle)
        meter.close()
      }
    },
  }
}

function isAnimationWindow(view: Partial<AnimationWindow>): view is AnimationWindow {
  return typeof view.requestAnimationFrame === 'function' && typeof view.cancelAnimationFrame === 'function'
}
