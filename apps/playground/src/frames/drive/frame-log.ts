import { LANES } from '../lanes.ts'
import type { Driver } from './driver.ts'

/** Frames of which everything is kept. */
export const KEPT_FRAMES = 240

/** A frame counts as over its budget beyond this: the clock of a page that is not isolated ticks no finer. */
export const TOLERANCE_MS = 0.1

/** One frame, as the page measured it. */
export interface LoggedFrame {
  startMs: number
  /** CPU time of the systems. */
  usedMs: number
  budgetMs: number
  /** Time since the frame before. */
  deltaMs: number
  /** By lane. */
  readonly laneMs: Float64Array
  readonly depth: Float64Array
}

/** Counts frames, and keeps the last ones. What it says of a frame is measured around it, not asked of who ran it. */
export class FrameLog {
  frames = 0
  framesOver = 0
  worstOverMs = 0
  usedMs = 0
  allowedMs = 0
  longestDeltaMs = 0
  readonly #kept: readonly LoggedFrame[] = Array.from({ length: KEPT_FRAMES }, () => ({
    startMs: 0,
    usedMs: 0,
    budgetMs: 0,
    deltaMs: 0,
    laneMs: new Float64Array(LANES.length),
    depth: new Float64Array(LANES.length),
  }))
  #written = 0
  #traced = 0

  /** Runs one frame of `driver`, and counts it. */
  run(driver: Driver, deltaMs: number): void {
    this.#traced = driver.trace.written
    const startMs = performance.now()
    driver.runFrame(deltaMs)
    const usedMs = performance.now() - startMs
    const { budgetMs } = driver

    this.frames++
    this.usedMs += usedMs
    this.allowedMs += budgetMs
    if (usedMs > budgetMs + TOLERANCE_MS) this.framesOver++
    this.worstOverMs = Math.max(this.worstOverMs, usedMs - budgetMs)
    if (this.frames > 1) this.longestDeltaMs = Math.max(this.longestDeltaMs, deltaMs)

    const kept = this.#kept[this.#written++ % KEPT_FRAMES]!
    Object.assign(kept, { startMs, usedMs, budgetMs, deltaMs })
    kept.laneMs.fill(0)
    driver.trace.readFrom(this.#traced, (track, _name, from, to) => {
      kept.laneMs[track]! += to - from
    })
    for (let lane = 0; lane < LANES.length; lane++) kept.depth[lane] = driver.queueDepth(lane)
  }

  /** Counts anew; the frames kept stay. */
  reset(): void {
    this.frames = 0
    this.framesOver = 0
    this.worstOverMs = 0
    this.usedMs = 0
    this.allowedMs = 0
    this.longestDeltaMs = 0
  }

  /** The frames kept, the last one first. */
  *latest(): Generator<LoggedFrame, void, void> {
    for (let back = 1; back <= Math.min(this.#written, KEPT_FRAMES); back++) {
      yield this.#kept[(this.#written - back) % KEPT_FRAMES]!
    }
  }

  /** Frames a second, over the last second. */
  get rate(): number {
    let frames = 0
    let ms = 0
    for (const { deltaMs } of this.latest()) {
      if (ms >= 1000) break
      frames++
      ms += deltaMs
    }
    return ms === 0 ? 0 : (frames * 1000) / ms
  }
}
