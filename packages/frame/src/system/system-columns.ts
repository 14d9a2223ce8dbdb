import type { SystemFrame } from './system-frame.ts'

/** A system's function with its types forgotten: what it is called with is what it was registered for. */
export type AnyRun = (frame: SystemFrame, input: unknown) => unknown

/** Bits of a system's state; not exported, for then they would not be constants to the compiler. */
const SMALL = 1
const FORETELLS = 2
const SUSPENDED = 4
const RECURRING = 8
const PENDING = 16
const PERPETUAL = 32

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
  #state = new Uint8Array(SMALLEST_CAPACITY)
  lane = new Int32Array(SMALLEST_CAPACITY)
  runs = new Float64Array(SMALLEST_CAPACITY)
  failuresInRow = new Int32Array(SMALLEST_CAPACITY)
  lastRunIn = new Float64Array(SMALLEST_CAPACITY)
  /** A recurring system has a job every so many frames, … */
  everyFrames = new Int32Array(SMALLEST_CAPACITY)
  /** … the next one in this, at the earliest. */
  dueIn = new Float64Array(SMALLEST_CAPACITY)
  /** Jobs since one was timed alone, up to 255. */
  groupedRuns = new Uint8ClampedArray(SMALLEST_CAPACITY)
  readonly run: AnyRun[] = []
  readonly frame: SystemFrame[] = []

  add(run: AnyRun, frame: SystemFrame): number {
    if (this.size === this.#state.length) this.#grow()
    this.run.push(run)
    this.frame.push(frame)
    return this.size++
  }

  /** Lets go of what a system that was taken out holds on to; its place is not given out again. */
  forget(index: number): void {
    this.run[index] = nothing
    this.frame[index] = NO_FRAME
    // The job that takes its own system out is the last: its slot is not kept for another.
    this.#set(index, PERPETUAL, false)
  }

  /** The next job is so short that the clock is not read for it alone. */
  isSmall(index: number): boolean {
    return (this.#state[index]! & SMALL) !== 0
  }

  /** The system is to be asked what each of its jobs is like. */
  foretells(index: number): boolean {
    return (this.#state[index]! & FORETELLS) !== 0
  }

  isSuspended(index: number): boolean {
    return (this.#state[index]! & SUSPENDED) !== 0
  }

  /** The system has a job of its own accord. */
  isRecurring(index: number): boolean {
    return (this.#state[index]! & RECURRING) !== 0
  }

  /** The system has a job in every frame. */
  isPerpetual(index: number): boolean {
    return (this.#state[index]! & PERPETUAL) !== 0
  }

  /** Small, not suspended, and nobody is to be asked. */
  isPlainlySmall(index: number): boolean {
    return (this.#state[index]! & (SMALL | SUSPENDED | FORETELLS)) === SMALL
  }

  /** A recurring system is to have its next job: none waits or is under way, and `frame` has come. */
  isDue(index: number, frame: number): boolean {
    return (this.#state[index]! & (PENDING | SUSPENDED)) === 0 && this.dueIn[index]! <= frame
  }

  setSmall(index: number, on: boolean): void {
    this.#set(index, SMALL, on)
  }

  setForetells(index: number, on: boolean): void {
    this.#set(index, FORETELLS, on)
  }

  setSuspended(index: number, on: boolean): void {
    this.#set(index, SUSPENDED, on)
  }

  /** Whether a system has a job of its own accord, every so many frames. */
  setRecurring(index: number, on: boolean, everyFrames: number): void {
    this.everyFrames[index] = everyFrames
    this.#set(index, RECURRING, on)
    this.#set(index, PERPETUAL, on && everyFrames === 1)
  }

  /** Whether a recurring system's job waits or is under way. */
  setPending(index: number, on: boolean): void {
    this.#set(index, PENDING, on)
  }

  #set(index: number, bit: number, on: boolean): void {
    this.#state[index] = on ? this.#state[index]! | bit : this.#state[index]! & ~bit
  }

  #grow(): void {
    const length = this.size * 2
    this.expectedMs = copyTo(new Float64Array(length), this.expectedMs)
    this.highMs = copyTo(new Float64Array(length), this.highMs)
    this.#state = copyTo(new Uint8Array(length), this.#state)
    this.lane = copyTo(new Int32Array(length), this.lane)
    this.runs = copyTo(new Float64Array(length), this.runs)
    this.failuresInRow = copyTo(new Int32Array(length), this.failuresInRow)
    this.lastRunIn = copyTo(new Float64Array(length), this.lastRunIn)
    this.everyFrames = copyTo(new Int32Array(length), this.everyFrames)
    this.dueIn = copyTo(new Float64Array(length), this.dueIn)
    this.groupedRuns = copyTo(new Uint8ClampedArray(length), this.groupedRuns)
  }
}

const nothing = () => {}
const NO_FRAME: SystemFrame = { index: 0, deltaMs: 0, remainingMs: 0, turn: () => Promise.resolve() }

function copyTo<T extends Float64Array | Int32Array | Uint8Array | Uint8ClampedArray>(to: T, from: T): T {
  to.set(from)
  return to
}
