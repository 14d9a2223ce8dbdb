import type { Clock } from '@millrace/kernel/clock'
import { animationFrames } from '@millrace/kernel/frames/animation-frames'
import type { FrameHost } from '@millrace/kernel/frames/frame-host'
import { timerFrames } from '@millrace/kernel/frames/timer-frames'
import { hostGlobals } from './host-globals.ts'

const FPS = 60

/** The frames of the page, where there are some; else 60 a second, by timers. */
export function defaultFrames(clock: Clock): FrameHost {
  return typeof hostGlobals().requestAnimationFrame === 'function'
    ? animationFrames()
    : timerFrames({ fps: FPS, clock })
}
