import { type LanePolicy, type LanesAtWork, NO_LANE } from '../../src/policy/lane-policy.ts'
import { SharedLanes } from '../../src/policy/shared-lanes.ts'
import { StrictLanes, type StrictLanesOptions } from '../../src/policy/strict-lanes.ts'

/** Nothing ages: the most urgent lane first, always. */
export class NaiveStrictLanes extends StrictLanes {
  constructor(lanes: number, options: StrictLanesOptions) {
    super(lanes, { ...options, maxWaitFrames: Number.POSITIVE_INFINITY })
  }
}

/** What is aged takes all that it can. */
export class GreedyStrictLanes extends StrictLanes {
  constructor(lanes: number, options: StrictLanesOptions) {
    super(lanes, { ...options, agedShare: 1 })
  }
}

/** The most urgent of what is aged is always first: there are no turns. */
export class TurnlessStrictLanes implements LanePolicy {
  readonly #options: StrictLanesOptions
  readonly #passed: Uint8Array
  #creditMs = 0
  #agedServed = false

  constructor(lanes: number, options: StrictLanesOptions) {
    this.#options = options
    this.#passed = new Uint8Array(lanes)
  }

  begin(_lanes: LanesAtWork, budgetMs: number): void {
    this.#passed.fill(0)
    this.#creditMs = Math.min(this.#creditMs + this.#options.agedShare * budgetMs, budgetMs)
  }

  next(lanes: LanesAtWork): number {
    const ready = [...lanes.order].filter((lane) => this.#passed[lane] === 0 && lanes.waited(lane) >= 0)
    const aged = ready.slice(1).find((lane) => lanes.waited(lane) >= this.#options.maxWaitFrames)
    this.#agedServed = aged !== undefined && this.#creditMs > 0
    return (this.#agedServed ? aged : ready[0]) ?? NO_LANE
  }

  served(_lane: number, ms: number): void {
    if (this.#agedServed) this.#creditMs -= ms
  }

  passed(lane: number): void {
    this.#passed[lane] = 1
  }
}

/** Gives lanes turns, a job each, whatever that takes. */
export class TurnByTurnLanes implements LanePolicy {
  readonly #passed: Uint8Array
  #last = 0

  constructor(lanes: number) {
    this.#passed = new Uint8Array(lanes)
  }

  begin(): void {
    this.#passed.fill(0)
  }

  next(lanes: LanesAtWork): number {
    for (let step = 1; step <= lanes.count; step++) {
      const lane = lanes.order[(this.#last + step) % lanes.count]!
      if (this.#passed[lane] === 0 && lanes.waited(lane) >= 0) return lane
    }
    return NO_LANE
  }

  served(lane: number): void {
    this.#last = lane
  }

  passed(lane: number): void {
    this.#passed[lane] = 1
  }
}

/** What a lane did not use is its own for ever, and what it took as well. */
export class GrudgingSharedLanes extends SharedLanes {
  override begin(lanes: LanesAtWork, budgetMs: number): void {
    super.begin({ count: lanes.count, order: lanes.order, waited: () => 0 }, budgetMs)
  }
}
