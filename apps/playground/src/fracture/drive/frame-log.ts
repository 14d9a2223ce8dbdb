import type { Trace } from '@millrace/kernel/observe/trace'
import { LANES } from './lanes.ts'

/** Frames of which everything is kept. */
export const KEPT_FRAMES = 240

/** One frame, as the page measured it. */
export interface LoggedFrame {
  /** Time since the frame before. */
  deltaMs: number
  /** CPU time on this thread for fractures: handing polygons over, and taking results in. */
  fractureMs: number
  /** CPU time of the page's systems. */
  systemsMs: number
  /** Of that, by lane. */
  readonly laneMs: Float64Array
  /** CPU time for drawing. */
  renderMs: number
}

/** Counts frames, and keeps the last ones. Everything is measured around what ran, not asked of it. */
export class FrameLog {
  frames = 0
  worstFractureMs = 0
  readonly #kept: readonly LoggedFrame[] = Array.from({ length: KEPT_FRAMES }, () => ({
    deltaMs: 0,
    fractureMs: 0,
    systemsMs: 0,
    laneMs: new Float64Array(LANES.length),
    renderMs: 0,
  }))
  #written = 0
  #current: LoggedFrame = this.#kept[0]!

  begin(deltaMs: number): void {
    this.#current = this.#kept[this.#written++ % KEPT_FRAMES]!
    this.#current.deltaMs = deltaMs
    this.frames++
  }

  /** Measures what a part of the frame takes. */
  fracture(work: () => void): void {
    const startMs = performance.now()
    work()
    this.#current.fractureMs = performance.now() - startMs
    this.worstFractureMs = Math.max(this.worstFractureMs, this.#current.fractureMs)
  }

  systems(trace: Trace, work: () => void): void {
    const before = trace.written
    const startMs = performance.now()
    work()
    this.#current.systemsMs = performance.now() - startMs
    const { laneMs } = this.#current
    laneMs.fill(0)
    trace.readFrom(before, (track, _name, from, to) => {
      laneMs[track]! += to - from
    })
  }

  render(work: () => void): void {
    const startMs = performance.now()
    work()
    this.#current.renderMs = performance.now() - startMs
  }

  /** What the frame before took, fractures left out. */
  get otherMs(): number {
    return this.#current.systemsMs + this.#current.renderMs
  }

  reset(): void {
    this.frames = 0
    this.worstFractureMs = 0
  }

  /** The frames kept, the last one first. */
  *latest(): Generator<LoggedFrame, void, void> {
    for (let back = 1; back <= Math.min(this.#written, KEPT_FRAMES); back++) {
      yield this.#kept[(this.#written - back) % KEPT_FRAMES]!
    }
  }

  /** Frames a second, over the last second. */
  get rate(): number {
    let [frames, ms] = [0, 0]
    for (const { deltaMs } of this.latest()) {
      if (ms >= 1000) break
      frames++
      ms += deltaMs
    }
    return ms === 0 ? 0 : (frames * 1000) / ms
  }
}
