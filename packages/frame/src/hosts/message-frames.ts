import { type Clock, systemClock, type Timer } from '@millrace/kernel/clock'
import type { FrameHost } from '@millrace/kernel/frames/frame-host'
import { checkNumber, checkObject } from '@millrace/kernel/options'
import { eventTurns } from './event-turns.ts'

export interface MessageFramesOptions {
  /** Most frames a second, above 0 and at most 1000. @default no limit */
  readonly fps?: number
  /** @default systemClock */
  readonly clock?: Clock
}

/**
 * One frame after the other, as fast as they go, for simulations in Node and in workers. Between two frames the rest of the
 * program has its turn.
 *
 * With `fps` a frame that is early waits for its time, and one that is late runs at once: no frame is skipped, and none is made
 * up for. While it runs it keeps a process alive.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function messageFrames(options: MessageFramesOptions = {}): FrameHost {
  const { fps, clock = systemClock } = checkObject('messageFrames', 'options', options)
  const intervalMs = fps === undefined ? 0 : 1000 / checkNumber('messageFrames', 'fps', fps, { above: 0, max: 1000 })
  return {
    start(onFrame) {
      let last: number | undefined
      let dueAt = clock.now()
      let timer: Timer | undefined
      const onTurn = () => {
        const now = clock.now()
        const deltaMs = Math.max(0, now - (last ?? now))
        last = now
        dueAt = (now - dueAt < intervalMs ? dueAt : now) + intervalMs
        if (dueAt > now) timer = clock.after(dueAt - now, onTurn)
        else turns.next()
        onFrame({ deltaMs })
      }
      const turns = eventTurns(onTurn)
      turns.next()
      return () => {
        timer?.cancel()
        turns.close()
      }
    },
  }
}
