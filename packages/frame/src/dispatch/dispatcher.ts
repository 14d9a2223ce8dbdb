import type { Budget } from '@millrace/kernel/execute/budget'
import { type LanePolicy, type LanesAtWork, NO_LANE } from '../policy/lane-policy.ts'
import type { JobLanes } from '../queue/job-lanes.ts'
import type { RegisteredSystem } from '../system/registered-system.ts'
import type { AwayJobs } from './away-jobs.ts'
import type { Forecast } from './forecast.ts'
import type { JobRunner } from './job-runner.ts'
import { OpenJob } from './open-job.ts'

/** No slot. */
const END = -1
/** Under a clock that stands still nothing uses up a budget: a frame ends after so many groups. */
const MOST_GROUPS = 16_384

/** Jobs for an executor that has enough to do, which are passed over in search of others. */
const MOST_WAITING = 64
/** In debt a job that fits this share of a budget is preferred, for the rest pays. */
const SMALL_SHARE = 0.25
/** A debt of this share of the budget is one that most frames have, and keeps no large job waiting. */
const SLIGHT_DEBT = 0.1
/** Multiples of `maxWaitFrames` after which a large job runs though there is a debt. */
const FAR_TOO_LONG = 2

export interface DispatcherOptions {
  readonly lanes: JobLanes
  /** The lanes by urgency, the most urgent first: a live view. */
  readonly order: Int32Array
  readonly policy: LanePolicy
  readonly budget: Budget
  readonly systems: readonly (RegisteredSystem | undefined)[]
  readonly away: AwayJobs
  readonly forecast: Forecast
  readonly runner: JobRunner
  readonly lookAhead: number
  readonly maxWaitFrames: number
  /** By lane, whether jobs of the greatest value per ms go first. */
  readonly byValue: readonly boolean[]
}

/**
 * One frame after the other: asks the policy for a lane, looks there for a job that fits what is left, runs a step of it, and
 * learns what that took.
 *
 * A job is admitted when its predicted cost, with the residual that 95 of 100 keep to, fits. Two exceptions keep what never fits
 * from waiting for ever: the first job of a frame needs not fit, where little is owed or it has waited far too long; and in
 * every frame that has work, some job runs. What either takes too long is paid back by the next frames.
 *
 * A frame serves what was queued when it began.
 */
export class Dispatcher implements LanesAtWork {
  readonly count: number
  readonly order: Int32Array
  readonly #options: DispatcherOptions
  readonly #lanes: JobLanes
  readonly #budget: Budget
  readonly #policy: LanePolicy
  readonly #systems: readonly (RegisteredSystem | undefined)[]
  readonly #lookAhead: number
  #frame = 0
  #limitMs = 0
  /** Whether some job has run in this frame. */
  #begun = false

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#lanes = options.lanes
    this.#budget = options.budget
    this.#policy = options.policy
    this.#systems = options.systems
    this.#lookAhead = options.lookAhead
    this.count = options.lanes.count
    this.order = options.order
  }

  waited(lane: number): number {
    const slot = this.#lanes.first(lane)
    return slot < 0 ? -1 : this.#lanes.waited(slot, this.#frame)
  }

  /** Serves frame number `frame` until nothing fits. The budget's round is the caller's to begin and to end. */
  serve(frame: number, limitMs: number): void {
    this.#frame = frame
    this.#limitMs = limitMs
    this.#options.runner.begin(frame, limitMs)
    this.#begun = false
    this.#policy.begin(this, limitMs)
    for (let groups = 0; groups < MOST_GROUPS; groups++) {
      const lane = this.#policy.next(this)
      if (lane === NO_LANE) break
      const roomMs = this.#mayOverrun(lane) ? Number.POSITIVE_INFINITY : this.#budget.leftMs
      if (!this.#serveOne(lane, roomMs)) this.#policy.passed(lane)
    }
    if (!this.#begun) this.#serveSome()
  }

  /** The first job of a frame needs not fit when little is owed, or when it has waited far too long. */
  #mayOverrun(lane: number): boolean {
    if (this.#begun) return false
    return (
      this.#budget.debtMs <= SLIGHT_DEBT * this.#limitMs ||
      this.waited(lane) >= FAR_TOO_LONG * this.#options.maxWaitFrames
    )
  }

  /**
   * Nothing fits, for a debt is being paid. One job runs all the same: the first of the lane that has waited longest, if that is
   * too long; or one that fits a part of a budget, so that the rest pays; or one that fits a whole; or any.
   */
  #serveSome(): void {
    let longest = NO_LANE
    for (const lane of this.order) {
      const waited = this.waited(lane)
      if (waited >= this.#options.maxWaitFrames && (longest === NO_LANE || waited > this.waited(longest)))
        longest = lane
    }
    if (longest !== NO_LANE && this.#serveOne(longest, Number.POSITIVE_INFINITY)) return
    for (const lane of this.order) if (this.#serveOne(lane, SMALL_SHARE * this.#limitMs)) return
    for (const lane of this.order) if (this.#serveOne(lane, this.#limitMs)) return
    for (const lane of this.order) if (this.#serveOne(lane, Number.POSITIVE_INFINITY)) return
  }

  #serveOne(lane: number, roomMs: number): boolean {
    const slot = this.#choose(lane, roomMs)
    if (slot < 0) return false
    const before = this.#budget.usedMs
    this.#begun = true
    this.#options.runner.run(slot, lane)
    this.#policy.served(lane, Math.max(0, this.#budget.usedMs - before))
    return true
  }

  /** A job of `lane` that fits into `roomMs`, among the next few. */
  #choose(lane: number, roomMs: number): number {
    const lanes = this.#lanes
    const byValue = this.#options.byValue[lane]!
    let best = END
    let bestValue = -1
    let looked = 0
    let waiting = 0
    for (let slot = lanes.first(lane); slot >= 0 && looked < this.#lookAhead && waiting < MOST_WAITING; ) {
      if (lanes.waited(slot, this.#frame) < 0) break
      const system = this.#systems[lanes.systemOf(slot)]!
      if (system.suspended) {
        const next = lanes.next(slot)
        lanes.hold(slot)
        slot = next
        continue
      }
      const jobId = lanes.handleOf(slot)
      const known = this.#options.forecast.predict(slot, system)
      // What a user's `feature` does may have moved the slots, or taken jobs out.
      slot = lanes.find(jobId)
      if (!known || slot < 0) {
        slot = lanes.first(lane)
        continue
      }
      const mustWait = this.#mustWait(slot, system)
      if (mustWait) waiting++
      else looked++
      if (!mustWait && system.highMs <= roomMs) {
        if (!byValue) return slot
        const value = system.value / system.expectedMs
        if (value > bestValue) {
          best = jobId
          bestValue = value
        }
      }
      slot = lanes.next(slot)
    }
    if (best < 0) return END
    const slot = lanes.find(best)
    // Others were predicted meanwhile, perhaps of the same system.
    return slot >= 0 && this.#options.forecast.predict(slot, this.#systems[lanes.systemOf(slot)]!)
      ? lanes.find(best)
      : END
  }

  /** Whether a job is for an executor that has enough to do. */
  #mustWait(slot: number, system: RegisteredSystem): boolean {
    if (!system.isRemote) return false
    const payload = this.#lanes.payload(slot)
    const answered = payload instanceof OpenJob && payload.answer !== undefined
    return !answered && this.#options.away.isFull(system.lane)
  }
}
