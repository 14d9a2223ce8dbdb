import type { JobId } from './batch-job.ts'
import type { SystemId } from './system/system-id.ts'

/** A job threw, its promise was rejected or did not settle in time, or its generator threw when the job was cancelled. */
export interface JobFailure {
  readonly systemId: SystemId<never>
  readonly jobId: JobId
  readonly error: unknown
  /** Failures of the system without a success between them, this one included. */
  readonly failuresInRow: number
  /** Whether the job is tried again in the next frame; if not, it is over. */
  readonly willRetry: boolean
}

/** A system failed too often in a row: its jobs wait until `resume`. */
export interface SystemSuspension {
  readonly systemId: SystemId<never>
  readonly error: unknown
  readonly failuresInRow: number
}

/** One indivisible step took longer than a frame's whole budget. */
export interface BudgetViolation {
  readonly systemId: SystemId<never>
  readonly frame: number
  readonly ms: number
  readonly budgetMs: number
  /** What to do about it. */
  readonly advice: string
}

/** A frame is about to begin, and its budget already runs. The same object each time. */
export interface FrameStart {
  /** What the frame may use, in ms: below 0 when more than a whole budget is to be paid back. */
  readonly allowedMs: number
  /** What is left of that, at least 0. Reads the clock. */
  readonly remainingMs: number
}

/** A submitted job was taken out of a full queue for another. */
export interface JobDrop {
  readonly systemId: SystemId<never>
  readonly jobId: JobId
}
