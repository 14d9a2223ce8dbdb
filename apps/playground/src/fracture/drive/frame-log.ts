import type { Trace } from '@millrace/kernel/observe/trace'
import { LANES } from './lanes.ts'
import { Slices } from './slices.ts'

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

/** Keeps the last frames, and how long their parts were. Everything is measured around what ran, not asked of it. */
export class FrameLog {
  /** Of frames that broke something, or were to: what each part of them took. */
  readonly slices = { fracture: new Slices(), systems: new Slices(), drawing: new Slices() }
  readonly #kept: readonly LoggedFrame[] = Array.from({ length: KEPT_FRAMES }, () => ({
    deltaMs: 0,
    fractureMs: 0,
    systemsMs: 0,
    laneMs: new Float64Array(LANES.length),
    renderMs: 0,
  }))
  #written = 0
  #current: LoggedFrame = this.#kept[0]!
  #isBreaking = false

  /** Begins the next frame; `isBreaking` when something waits to be broken. */
  begin(deltaMs: number, isBreaking: boolean): void {
    this.#isBreaking = isBreaking
    this.#current = this.#kept[this.#written++ % KEPT_FRAMES]!
    this.#current.deltaMs = deltaMs
  }

  fracture(work: () => void): void {
    this.#current.fractureMs = this.#measure('fracture', work)
  }

  systems(trace: Trace, work: () => void): void {
    const before = trace.written
    this.#current.systemsMs = this.#measure('systems', work)
    const { laneMs } = this.#current
    laneMs.fill(0)
    trace.readFrom(before, (track, _name, from, to) => {
      laneMs[track]! += to - from
    })
  }

  render(work: () => void): void {
    this.#current.renderMs = this.#measure('drawing', work)
  }

  /** What the frame before took, fractures left out. */
  get otherMs(): number {
    return this.#current.systemsMs + this.#current.renderMs
  }

  /** Measures slices anew; the frames kept stay. */
  reset(): void {
    for (const slices of Object.values(this.slices)) slices.reset()
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

  /** Returns what a part of the frame took, in ms. Marks it for DevTools, whose recordings tell the thread's own time from the time that others had. */
  #measure(part: keyof FrameLog['slices'], work: () => void): number {
    const isBreaking = this.#isBreaking
    if (isBreaking) console.timeStamp(`${part} begins`)
    const startMs = performance.now()
    work()
    const ms = performance.now() - startMs
    if (isBreaking) {
      console.timeStamp(`${part} ends`)
      this.slices[part].record(ms)
    }
    return ms
  }
}
