import { type Clock, systemClock } from '@millrace/kernel/clock'
import type { FrameHost } from '@millrace/kernel/frames/frame-host'
import { OthersMeter } from '@millrace/kernel/frames/others-meter'

/** What is needed of an `XRSession`. */
export interface XrFrameSession<XrFrame> {
  requestAnimationFrame(callback: (timeMs: number, xrFrame: XrFrame) => void): number
  cancelAnimationFrame(handle: number): void
  addEventListener(type: 'end', listener: () => void): void
  removeEventListener(type: 'end', listener: () => void): void
}

export interface XrFramesOptions<XrFrame> {
  /** Is given the `XRFrame` before the frame runs. It is valid until the frame is over, the `onFrame` of `driveFrames` included. */
  readonly onXrFrame?: (xrFrame: XrFrame, timeMs: number) => void
  /** @default systemClock */
  readonly clock?: Clock
}

/**
 * The frames of a WebXR session, in the rhythm of the headset. They end with the session.
 *
 * Tells what the rest of the page used of the last frame, `onXrFrame` included.
 */
export function xrFrames<XrFrame>(session: XrFrameSession<XrFrame>, options: XrFramesOptions<XrFrame> = {}): FrameHost {
  const { onXrFrame, clock = systemClock } = options
  return {
    start(onFrame, onEnd) {
      const meter = new OthersMeter(() => clock.now())
      let last: number | undefined
      const onXrSessionFrame = (timeMs: number, xrFrame: XrFrame) => {
        handle = session.requestAnimationFrame(onXrSessionFrame)
        const beganAt = clock.now()
        const deltaMs = Math.max(0, timeMs - (last ?? timeMs))
        last = timeMs
        onXrFrame?.(xrFrame, timeMs)
        meter.workEnded(beganAt, onFrame({ deltaMs, otherMs: meter.otherMs }).usedMs)
      }
      const stop = () => {
        session.removeEventListener('end', onSessionEnd)
        session.cancelAnimationFrame(handle)
        meter.close()
      }
      const onSessionEnd = () => {
        stop()
        onEnd?.()
      }
      session.addEventListener('end', onSessionEnd)
      let handle = session.requestAnimationFrame(onXrSessionFrame)
      return stop
    },
  }
}
