import { type LanePolicy, type LanesAtWork, NO_LANE } from './lane-policy.ts'

/** How lanes share. */
export interface SharedLanesOptions {
  /** A weight a lane, above 0: a live view. */
  readonly weights: Float64Array
  /** A lane whose first job has waited so many frames counts double. */
  readonly maxWaitFrames: number
}

/** A lane that lags counts for at most so many times its weight. */
const MOST_LAG = 4
/** Frames' shares that a lane may save up. */
const MOST_SAVED = 1

/**
 * Each lane with work has a share of the budget by its weight; what one leaves, the others take.
 *
 * Deficit round robin over time instead of bytes (Shreedhar and Varghese, 1996), in the form that lets a lane run until its
 * deficit is used up, and lends what the last job takes beyond it: no lane is ever more than one job ahead of its share. Shares
 * follow the lag: a lane counts for its weight × (1 + frames its first job has waited ÷ `maxWaitFrames`), up to four times.
 * What is left when every lane had its share goes to the lanes by urgency, free of charge.
 */
export class SharedLanes implements LanePolicy {
  readonly #weights: Float64Array
  readonly #maxWaitFrames: number
  readonly #deficitMs: Float64Array
  readonly #passed: Uint8Array
  /** Place in the order at which this frame began, and where it is. */
  #start = 0
  #place = 0
  #charges = true

  constructor(lanes: number, options: SharedLanesOptions) {
    this.#weights = options.weights
    this.#maxWaitFrames = options.maxWaitFrames
    this.#deficitMs = new Float64Array(lanes)
    this.#passed = new Uint8Array(lanes)
  }

  begin(lanes: LanesAtWork, budgetMs: number): void {
    this.#passed.fill(0)
    let sum = 0
    for (let lane = 0; lane < lanes.count; lane++) sum += this.#pull(lanes, lane)
    for (let lane = 0; lane < lanes.count; lane++) {
      const shareMs = sum === 0 ? 0 : (budgetMs * this.#pull(lanes, lane)) / sum
      // A lane without work saves nothing; what it owes stays owed.
      this.#deficitMs[lane] =
        shareMs === 0
          ? Math.min(0, this.#deficitMs[lane]!)
          : Math.min(this.#deficitMs[lane]! + shareMs, (1 + MOST_SAVED) * shareMs)
    }
    this.#start = (this.#start + 1) % lanes.count
    this.#place = 0
  }

  next(lanes: LanesAtWork): number {
    this.#charges = true
    for (; this.#place < lanes.count; this.#place++) {
      const lane = lanes.order[(this.#start + this.#place) % lanes.count]!
      if (this.#passed[lane] === 0 && this.#deficitMs[lane]! > 0 && lanes.waited(lane) >= 0) return lane
    }
    this.#charges = false
    for (let place = 0; place < lanes.count; place++) {
      const lane = lanes.order[place]!
      if (this.#passed[lane] === 0 && lanes.waited(lane) >= 0) return lane
    }
    return NO_LANE
  }

  served(lane: number, ms: number): void {
    if (this.#charges) this.#deficitMs[lane]! -= ms
  }

  passed(lane: number): void {
    this.#passed[lane] = 1
  }

  #pull(lanes: LanesAtWork, lane: number): number {
    const waited = lanes.waited(lane)
    if (waited < 0) return 0
    return this.#weights[lane]! * Math.min(1 + waited / this.#maxWaitFrames, MOST_LAG)
  }
}
