import type { Timer } from '@millrace/kernel/clock'
import type { LaneHandle } from '@millrace/kernel/queue/lanes'

/** Where a job's answer goes. Called once a job, one of the two. */
export interface JobSink {
  done(job: Job, output: unknown): void
  failed(job: Job, error: unknown): void
}

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

/** A call of a task, from the moment it is accepted until it is settled. */
export class Job {
  readonly name: string
  readonly lane: number
  readonly sink: JobSink
  /** Its number among those of the same sink. */
  readonly sequence: number
  /** Dropped as soon as it was handed over. */
  input: unknown
  extras: JobExtras | undefined = undefined
  state: JobState = 'new'
  /** While queued: its place in the lanes. */
  handle: LaneHandle = -1
  /** While handed over: by which its answer comes, and where the transport has it. */
  ticket = -1
  place = -1
  task = -1
  /** Whether it takes a place at the gate. */
  isGated = false
  /** Its place among the jobs of its sink, which keeps it. */
  index = -1
  /** Workers that ended while it ran. */
  deaths = 0

  constructor(name: string, input: unknown, lane: number, sink: JobSink, sequence = 0) {
    this.name = name
    this.input = input
    this.lane = lane
    this.sink = sink
    this.sequence = sequence
  }
}
