import { MillraceError } from '../errors.ts'
import { show } from '../options.ts'

/** What a host tells of a frame. */
export interface HostFrame {
  /** Time since the frame before, in ms, at least 0. Left out, what it drives measures it. */
  readonly deltaMs?: number | undefined
  /** The budget of this frame alone, in ms, at least 0, instead of that of what it drives. */
  readonly budgetMs?: number | undefined
  /** What the rest of the program used of the host's last frame, in ms: from it is learned what a frame has left. */
  readonly otherMs?: number | undefined
  /**
   * How long the host's last frame was, in ms, where `deltaMs` is something else, as in fixed steps; 0 when the host's frame
   * goes on.
   * @default deltaMs
   */
  readonly intervalMs?: number | undefined
}

/** A frame of a {@link FrameHost}. */
export interface TimedFrame extends HostFrame {
  /** Time since the frame before, in ms; 0 in the first, except in fixed steps. */
  readonly deltaMs: number
  /** The part of the budget that this frame has, where several frames share one, above 0 and at most 1. @default 1 */
  readonly budgetShare?: number | undefined
}

/** What a frame took, what it was to keep to, and its budget, in ms. */
export interface FrameUse {
  readonly usedMs: number
  /** The budget, less the debt of frames before. */
  readonly allowedMs: number
  readonly budgetMs: number
}

/** Something that has frames, such as the browser's `requestAnimationFrame`. It may be started several times. */
export interface FrameHost {
  /**
   * Calls `onFrame` at every frame, and never before this returns, until the function returned is called; and `onEnd`, if the
   * frames end of themselves. When `onFrame` throws, the error is an uncaught one of the host, and the frames go on.
   */
  start(onFrame: (frame: TimedFrame) => FrameUse, onEnd?: () => void): () => void
}

/** @throws {MillraceError} `OPTION_INVALID`. */
export function checkHost(owner: string, host: FrameHost): void {
  if (typeof host?.start === 'function') return
  const message = `${owner}: host must have start(), as what timerFrames({ fps }) returns has, not ${show(host)}`
  throw new MillraceError('OPTION_INVALID', message, { detail: { owner, option: 'host', value: host } })
}
