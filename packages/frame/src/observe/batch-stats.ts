/** How long jobs took in ms, since the controller was made. NaN before the first. */
export interface DurationStats {
  readonly count: number
  readonly meanMs: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** One lane's part in {@link BatchStats}. */
export interface LaneStats<Lane extends string> {
  readonly type: Lane
  /** Jobs that wait now. */
  readonly depth: number
  /** Most that ever waited at the end of a frame. */
  readonly peakDepth: number
  readonly jobsProcessed: number
  /** CPU time of its jobs, in ms. */
  readonly usedMs: number
  /** Its share of all CPU time of jobs, 0 to 1. */
  readonly share: number
  /** Longest wait of a job until it began, in frames. */
  readonly longestWaitFrames: number
  readonly executionTime: DurationStats
}

/** What a controller has done: a snapshot. */
export interface BatchStats<Lane extends string = string> {
  readonly frames: number
  /** Of the last frame. */
  readonly lastFrame: FrameReport
  /**
   * Jobs ever queued: those processed, failed, cancelled and dropped, and those that wait or are under way. The turn that an
   * async job awaits counts as one of its own.
   */
  readonly jobsQueued: number
  readonly jobsProcessed: number
  /** Jobs that were left for a later frame, counted once for each frame that left them. */
  readonly jobsDeferred: number
  /** Jobs that were over without an output: their system was suspended, or their promise did not settle. */
  readonly jobsFailed: number
  /** Throws and rejections; most jobs that do are tried again. */
  readonly failures: number
  readonly jobsCancelled: number
  readonly jobsDropped: number
  readonly peakQueueDepth: number
  /** Used share of the budget, mean of the last ten frames or so: of all, and of those that left work undone. NaN before the first. */
  readonly budgetUtilization: number
  readonly saturatedUtilization: number
  /** By how much the former rises from frame to frame. */
  readonly budgetUtilizationTrend: number
  /** Frames that used more than their budget, and the most that one did, in ms. */
  readonly budgetViolations: number
  readonly maxOverrunMs: number
  readonly debtMs: number
  /** CPU time a frame. */
  readonly frameTime: DurationStats
  /** CPU time a job; that of small jobs is the mean of those that were timed together. */
  readonly executionTime: DurationStats
  /** Jobs that were timed together with others. */
  readonly jobsTimedInGroups: number
  readonly clockReads: number
  readonly clockTickMs: number
  /** Reads at which the clock had gone backwards; they count as no time. */
  readonly clockRegressions: number
  readonly lanes: readonly LaneStats<Lane>[]
}

/** One frame. The object that `runFrame` returns is the same for every frame. */
export interface FrameReport {
  /** Number of the frame, from 1. */
  readonly index: number
  /** CPU time that jobs and scheduling took, in ms. */
  readonly usedMs: number
  /** What they were to keep to: the budget, less the debt of frames before. */
  readonly allowedMs: number
  readonly budgetMs: number
  /** What is still to be paid back by later frames, in ms. */
  readonly debtMs: number
  readonly jobsProcessed: number
  readonly jobsDeferred: number
}
