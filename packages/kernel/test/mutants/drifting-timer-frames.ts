import { systemClock } from '../../src/clock.ts'
import type { FrameHost } from '../../src/frames/frame-host.ts'
import type { TimerFramesOptions } from '../../src/frames/timer-frames.ts'

/** Waits a whole interval from where a frame began: what one is late, all later ones are. */
export function driftingTimerFrames({ fps, clock = systemClock }: TimerFramesOptions): FrameHost {
  return {
    start(onFrame) {
      const onTimer = () => {
        timer = clock.after(1000 / fps, onTimer)
        onFrame({ deltaMs: 0 })
      }
      let timer = clock.after(1000 / fps, onTimer)
      return () => timer.cancel()
    },
  }
}
