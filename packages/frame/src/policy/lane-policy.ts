/** No lane. */
export const NO_LANE = -1

/** What a policy sees of the lanes. */
export interface LanesAtWork {
  /** Number of lanes. */
  readonly count: number
  /** The lanes by urgency, the most urgent first. */
  readonly order: Int32Array
  /** Frames that the first job of a lane has waited which may run in this frame; -1 when there is none. */
  waited(lane: number): number
}

/** Decides which lane is served next. Pure: it reads no clock, and knows of time only what it is told. */
export interface LanePolicy {
  /** A frame of `budgetMs` begins. */
  begin(lanes: LanesAtWork, budgetMs: number): void
  /** The lane to serve next, or `NO_LANE` when all are done for this frame. */
  next(lanes: LanesAtWork): number
  /** The lane that `next` gave was served, and that is believed to have taken `ms`. */
  served(lane: number, ms: number): void
  /** Nothing in `lane` is left, or fits into this frame. */
  passed(lane: number): void
}
