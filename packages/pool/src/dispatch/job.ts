import type { Timer } from '@millrace/kernel/clock'
import type { LaneHandle } from '@millrace/kernel/queue/lanes'

/** Where a job's answers go: one of the two, once for each of its inputs, whose number among those of the sink is `sequence`. */
export interface JobSink {
  done(output: unknown, sequence: number): void
  failed(error: unknown, sequence: number): void
}

/** `handed`: all its inputs are. */
export type JobState = 'new' | 'queued' | 'handed' | 'settled'

/** What few jobs have. */
export interface JobExtras {
  readonly transfer?: readonly ArrayBuffer[] | undefined
  readonly onProgress?: ((fraction: number) => void) | undefined
  /** The last fraction told. */
  progress: number
  deadline?: Timer | undefined
  /** Ends the watch over the caller's signal. */
  unwatch?: (() => void) | undefined
}

/**
 * Inputs for a task that came one after the other from one caller, from the moment they are accepted until each is
 * settled: a call of `run` is a job of one, what is pushed to a stream in one turn a job of many.
 */
export class Job {
  readonly name: string
  readonly lane: number
  readonly sink: JobSink
  /** PERF: a call has one input, and no array; bench/pool/flood.bench.ts. */
  #only: unknown
  #more: unknown[] | undefined = undefined
  /** Inputs in all. */
  size = 1
  /** The number of the first input among those of the sink. */
  readonly first: number
  /** Inputs that were handed over, or refused. */
  handed = 0
  settled = 0
  extras: JobExtras | undefined = undefined
  state: JobState = 'new'
  /** While queued: its place in the lanes, and the turn in which it was accepted. */
  handle: LaneHandle = -1
  turn = -1
  /** Where the input that was handed over last is: the number of the parcel, and the entry. */
  parcel = -1
  entry = -1
  /** Whether it takes a place at the gate. */
  isGated = false

  constructor(name: string, input: unknown, lane: number, sink: JobSink, first = 0) {
    this.name = name
    this.#only = input
    this.lane = lane
    this.sink = sink
    this.first = first
  }

  /** Inputs that wait to be handed over. */
  get left(): number {
    return this.size - this.handed
  }

  /** The input that is handed over next. */
  get input(): unknown {
    return this.handed === 0 ? this.#only : this.#more?.[this.handed]
  }

  add(input: unknown): void {
    this.#more ??= [undefined]
    this.#more.push(input)
    this.size++
  }

  /** Goes on to the next input, and drops the one before, whose number it returns. */
  advance(): number {
    if (this.handed === 0) this.#only = undefined
    else if (this.#more !== undefined) this.#more[this.handed] = undefined
    return this.first + this.handed++
  }

  /** Nothing of it is left; drops all inputs. */
  end(): void {
    this.#only = undefined
    this.#more = undefined
    this.size = 0
  }
}
