import type { JobId } from '../queue/job.ts'
import type { FractureResult } from '../result/fracture-result.ts'

/** A job whose polygon is fractured. */
export interface JobCompletion {
  readonly jobId: JobId
  readonly result: FractureResult
}

/** A job that came to nothing. */
export interface JobFailure {
  readonly jobId: JobId
  /** A `MillraceError`, but for what an adapter threw. */
  readonly error: unknown
}

/** A job that was cancelled. */
export interface JobCancellation {
  readonly jobId: JobId
  /** The reason of the signal, or a `MillraceError` of code `JOB_CANCELLED`. */
  readonly reason: unknown
}

/** How far a job is that takes long. */
export interface JobProgress {
  readonly jobId: JobId
  /** 0 to 1, more each time. */
  readonly progress: number
}

/** How one fracture of several ended: with its fragments, or with why there are none. */
export type FractureOutcome = FractureResult | Error

/** A batch of which every job has ended. */
export interface BatchCompletion {
  readonly batchId: JobId
  /** In the order of the polygons. */
  readonly results: readonly FractureOutcome[]
}
