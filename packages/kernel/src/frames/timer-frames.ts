import { type Clock, systemClock } from '../clock.ts'
import { checkNumber, checkObject } from '../options.ts'
import type { FrameHost } from './frame-host.ts'

export interface TimerFramesOptions {
  /** Frames a second, above 0 and at most 1000. */
  readonly fps: number
  /** @default systemClock */
  readonly clock?: Clock
}

/**
 * A steady rhythm, by timers: frame `n` is due `n / fps` seconds after the start, however late those before it were.
 *
 * Frames whose time has passed when another ends are skipped, all but one. Browsers fire timers every 4 ms at most, and those of
 * a hidden page once a second. While it runs it keeps a process alive.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function timerFrames(options: TimerFramesOptions): FrameHost {
  const { clock = systemClock } = checkObject('timerFrames', 'options', options)
  const intervalMs = 1000 / checkNumber('timerFrames', 'fps', options.fps, { above: 0, max: 1000 })
  return {
    start(onFrame) {
      const startedAt = clock.now()
      let last: number | undefined
      let due = 0
      const wait = (now: number) => {
        // A timer may fire a little early: the beat that it was set for is over all the same.
        due = Math.max(due, Math.floor((now - startedAt) / intervalMs)) + 1
        return clock.after(startedAt + due * intervalMs - now, onTimer)
      }
      const onTimer = () => {
        const now = clock.now()
        const deltaMs = Math.max(0, now - (last ?? now))
        last = now
        timer = wait(now)
        onFrame({ deltaMs })
      }
      let timer = wait(startedAt)
      return () => timer.cancel()
    },
  }
}
