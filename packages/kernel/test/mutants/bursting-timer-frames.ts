import { systemClock } from '../../src/clock.ts'
import type { FrameHost } from '../../src/frames/frame-host.ts'
import type { TimerFramesOptions } from '../../src/frames/timer-frames.ts'

/** Skips no beat: those that were missed follow at once, one after the other. */
export function burstingTimerFrames({ fps, clock = systemClock }: TimerFramesOptions): FrameHost {
  return {
    start(onFrame) {
      const startedAt = clock.now()
      let due = 0
      const wait = () => clock.after(Math.max(0, startedAt + (++due * 1000) / fps - clock.now()), onTimer)
      const onTimer = () => {
        timer = wait()
        onFrame({ deltaMs: 0 })
      }
      let timer = wait()
      return () => timer.cancel()
    },
  }
}
