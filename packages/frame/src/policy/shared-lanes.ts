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
/** Frames' budgets that a lane which has work, and no room for it, may save up. */
const MOST_SAVED = 8

/**
 * Each lane with work has a share of the budget by its weight; what one leaves, the others take.
 *
 * A lane's claim grows with its share of each frame, and shrinks by what its jobs take; the lane of the greatest claim is next. That
 * is weighted fair queueing by the deficits of round robin (Shreedhar and Varghese, 1996), counted in time instead of bytes: no
 * lane with work is more than one job, or what one job keeps out of a frame, from its share. What a lane without work leaves is
 * charged to nobody. Shares follow the lag: a lane counts for its weight × (1 + frames its first job has waited ÷ `maxWaitFrames`),
 * up to four times.
 */
export class SharedLanes implements LanePolicy {
  readonly #weights: Float64Array
  readonly #maxWaitFrames: number
  readonly #claimMs: Float64Array
  readonly #passed: Uint8Array

  constructor(lanes: number, options: SharedLanesOptions) {
    this.#weights = options.weights
    this.#maxWaitFrames = options.maxWaitFrames
    this.#claimMs = new Float64Array(lanes)
    this.#passed = new Uint8Array(lanes)
  }

  begin(lanes: LanesAtWork, budgetMs: number): void {
    this.#passed.fill(0)
    let pulls = 0
    let claimedMs = 0
    for (let lane = 0; lane < lanes.count; lane++) {
      const pull = this.#pull(lanes, lane)
      // A lane without work saves nothing; what it owes stays owed.
      if (pull === 0) this.#claimMs[lane] = Math.min(0, this.#claimMs[lane]!)
      else claimedMs += this.#claimMs[lane]!
      pulls += pull
    }
    // All claims together are this frame: what was left unused, or taken beyond, is everybody's.
    for (let lane = 0; lane < lanes.count; lane++) {
      const pull = this.#pull(lanes, lane)
      if (pull === 0) continue
      const claimMs = this.#claimMs[lane]! + ((budgetMs - claimedMs) * pull) / pulls
      this.#claimMs[lane] = Math.min(claimMs, MOST_SAVED * budgetMs)
    }
  }

  next(lanes: LanesAtWork): number {
    let next = NO_LANE
    for (let place = 0; place < lanes.count; place++) {
      const lane = lanes.order[place]!
      if (this.#passed[lane] !== 0 || lanes.waited(lane) < 0) continue
      if (next === NO_LANE || this.#claimMs[lane]! > this.#claimMs[next]!) next = lane
    }
    return next
  }

  served(lane: number, ms: number): void {
    this.#claimMs[lane]! -= ms
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
