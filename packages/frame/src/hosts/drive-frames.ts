import {
  checkHost,
  type FrameHost,
  type FrameUse,
  type HostFrame,
  type TimedFrame,
} from '@millrace/kernel/frames/frame-host'

/** What a host drives: a `BatchController` is one. */
export interface FrameDriven<Report extends FrameUse = FrameUse> {
  /** The budget of a frame, in ms, that the host says nothing of. */
  readonly budgetMs: number
  runFrame(frame?: HostFrame): Report
}

/** A controller that runs with a host's frames; disposing of it stops it. */
export interface FrameLoop extends Disposable {
  /** Whether there will be more frames. */
  readonly running: boolean
  /** Ends the frames, from this moment on. What waits in the controller stays there. Idempotent. */
  stop(): void
}

export interface DriveFramesOptions<Report extends FrameUse> {
  /** Called after each frame, with its report: to draw what the systems have made. Its time counts as others'. */
  readonly onFrame?: (report: Report, frame: TimedFrame) => void
}

const NOTHING: FrameUse = { usedMs: 0, allowedMs: 0, budgetMs: 0 }

/** The loop that drives a controller now. */
const loops = new WeakMap<FrameDriven, FrameLoop>()

/**
 * Runs a frame of `driven`, a `BatchController`, at every frame of `host`, until it is stopped or the host's frames end.
 *
 * A controller has one loop, so that its budget is used once a frame: driving it again stops the loop before.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function driveFrames<Report extends FrameUse>(
  driven: FrameDriven<Report>,
  host: FrameHost,
  options: DriveFramesOptions<Report> = {},
): FrameLoop {
  const { onFrame } = options
  checkHost('driveFrames', host)
  let running = true
  const runFrame = (frame: TimedFrame) => {
    if (!running) return NOTHING
    const { budgetShare = 1, budgetMs } = frame
    const report = driven.runFrame(
      budgetShare === 1 ? frame : { ...frame, budgetMs: budgetShare * (budgetMs ?? driven.budgetMs) },
    )
    onFrame?.(report, frame)
    return report
  }
  loops.get(driven)?.stop()
  const stopHost = host.start(runFrame, () => {
    running = false
  })
  const stop = () => {
    if (!running) return
    running = false
    stopHost()
  }
  const loop: FrameLoop = {
    get running() {
      return running
    },
    stop,
    [Symbol.dispose]: stop,
  }
  loops.set(driven, loop)
  return loop
}
