import type { SystemId } from './system/system-id.ts'

/**
 * Names one job, for {@link BatchController.cancel}. No two submitted jobs of a controller ever share one; the job that a system has
 * every frame keeps its own.
 */
export type JobId = number

/** A job that waits, as `BatchController.jobs` shows it. */
export interface BatchJob {
  readonly jobId: JobId
  readonly systemId: SystemId<never>
  /** What it was believed to cost when its system was registered: a share of the frame's budget, 0 to 1. */
  readonly weightCost: number
  /** When it was queued, in ms by the controller's clock: the last moment that was read before. */
  readonly createdAt: number
  /** Frames that have begun since. */
  readonly waitedFrames: number
}
