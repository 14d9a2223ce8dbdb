import { setTimeout as sleep } from 'node:timers/promises'

/** From one frame to the next at 60 a second. */
const FRAME_MS = 1000 / 60
/** A run that has not come to its end by then never will. */
const MOST_FRAMES = 1800

/** What the main thread did from the beginning of one frame to the beginning of the next, in ms. */
export interface FrameTimes {
  /** Time on the wall in which it was not waiting for anything: the frame's own work, and all events that came in between. */
  readonly busyMs: number
  /**
   * Processor time of the thread: without what the system gave to other threads meanwhile. Linux books it when a thread goes to sleep and at its own ticks, so it is
   * exact from one frame to the next, and nowhere between.
   */
  readonly processorMs: number
}

/**
 * Runs frames, 60 a second, until `onFrame` returns false, which ends them at once, and tells of each one before how long it kept the main
 * thread, up to the beginning of the next. One that comes late does not make the next ones hurry.
 * @throws {Error} after 30 seconds.
 */
export async function runFrames(onFrame: (frame: number) => boolean): Promise<FrameTimes[]> {
  const times: FrameTimes[] = []
  let dueAt = performance.now()
  let before = mainThread()
  for (let frame = 0; ; frame++) {
    if (frame === MOST_FRAMES) throw new Error(`no end after ${MOST_FRAMES} frames`)
    dueAt = Math.max(dueAt + FRAME_MS, performance.now())
    await sleep(Math.max(1, dueAt - performance.now()))
    const now = mainThread()
    if (frame > 0) times.push({ busyMs: now.busyMs - before.busyMs, processorMs: now.processorMs - before.processorMs })
    before = now
    if (!onFrame(frame)) return times
  }
}

function mainThread(): FrameTimes {
  const { user, system } = process.threadCpuUsage()
  return { busyMs: performance.eventLoopUtilization().active, processorMs: (user + system) / 1000 }
}
