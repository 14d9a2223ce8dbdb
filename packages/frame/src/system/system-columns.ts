import type { SystemFrame } from './system-frame.ts'

/** A system's function with its types forgotten: what it is called with is what it was registered for. */
export type AnyRun = (frame: SystemFrame, input: unknown) => unknown

/** The next job of a system is so short that the clock is not read for it alone. */
export const SMALL = 1
/** The system is to be asked what each of its jobs is like. */
export const FORETELLS = 2
export const SUSPENDED = 4
/** The system has a job by itself, and that waits or is under way. */
export const RECURRING = 8
export const PENDING = 16

const SMALLEST_CAPACITY = 16

/**
 * What of the systems is needed for every job, in columns by their index.
 *
 * PERF: a number in a field of an object is a heap object of its own, and a thousand systems are then thousands of cache
 * lines; bench/frame/overhead.bench.ts.
 */
export class SystemColumns {
  size = 0
  /** Of the job at hand: what it is believed to take, and what 95 of 100 keep to, in ms. */
  expectedMs = new Float64Array(SMALLEST_CAPACITY)
  highMs = new Float64Array(SMALLEST_CAPACITY)
  /** Bits: SMALL, FORETELLS, SUSPENDED, RECURRING, PENDING. */
  state = new Uint8Array(SMALLEST_CAPACITY)
  lane = new Int32Array(SMALLEST_CAPACITY)
  runs = new Float64Array(SMALLEST_CAPACITY)
  failuresInRow = new Int32Array(SMALLEST_CAPACITY)
  lastRunIn = new Int32Array(SMALLEST_CAPACITY)
  /** First frame of the next job of a recurring system. */
  dueIn = new Int32Array(SMALLEST_CAPACITY)
  /** Jobs in the group that is timed together. */
  grouped = new Int32Array(SMALLEST_CAPACITY)
  /** Jobs since one was timed alone, up to 255. */
  groupedRuns = new Uint8Array(SMALLEST_CAPACITY)
  readonly run: AnyRun[] = []
  readonly frame: SystemFrame[] = []

  add(run: AnyRun, frame: SystemFrame): number {
    if (this.size === this.state.length) this.#grow()
    this.run.push(run)
    this.frame.push(frame)
    return this.size++
  }

  #grow(): void {
    const length = this.size * 2
    this.expectedMs = copyTo(new Float64Array(length), this.expectedMs)
    this.highMs = copyTo(new Float64Array(length), this.highMs)
    this.state = copyTo(new Uint8Array(length), this.state)
    this.lane = copyTo(new Int32Array(length), this.lane)
    this.runs = copyTo(new Float64Array(length), this.runs)
    this.failuresInRow = copyTo(new Int32Array(length), this.failuresInRow)
    this.lastRunIn = copyTo(new Int32Array(length), this.lastRunIn)
    this.dueIn = copyTo(new Int32Array(length), this.dueIn)
    this.grouped = copyTo(new Int32Array(length), this.grouped)
    this.groupedRuns = copyTo(new Uint8Array(length), this.groupedRuns)
  }
}

function copyTo<T extends Float64Array | Int32Array | Uint8Array>(to: T, from: T): T {
  to.set(from)
  return to
}
