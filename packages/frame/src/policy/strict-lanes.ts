import { type LanePolicy, type LanesAtWork, NO_LANE } from './lane-policy.ts'

/** How lanes age. */
export interface StrictLanesOptions {
  readonly maxWaitFrames: number
  readonly agedShare: number
}

/**
 * The most urgent lane first, always; but a lane whose first job has waited `maxWaitFrames` is aged, and aged lanes together
 * have a claim on `agedShare` of the budget before all others, in turns. Where that leaves another lane's job no room, they let
 * the next frame pass.
 *
 * What is aged is paid from a credit, which gains that share with every frame while some lane is aged, and lends what a
 * single job takes beyond it. So a flood in the lowest lane never takes more than the share from the rest; and where `n` lanes
 * are aged, whose jobs cost at most `c`, each of them is served at least once in `n × c ÷ (agedShare × budget) + 2n + 2` frames.
 * The most urgent lane that has work is never aged: nothing is before it.
 */
export class StrictLanes implements LanePolicy {
  readonly #maxWaitFrames: number
  readonly #agedShare: number
  readonly #passed: Uint8Array
  readonly #aged: Uint8Array
  #agedLeft = 0
  #creditMs = 0
  /**
   * Places in the order of aged lanes: of the one that was first in the last frame that served any, as each must be in turn, for a
   * large job has room only there; of the one that was served last; and of the one whose turn it is.
   */
  #firstTurn = 0
  #lastTurn = 0
  #turn = 0
  #servesAged = false
  /** Whether aged lanes were served in this frame, and a more urgent one then had no room; and the same of the last frame. */
  #hasServedAged = false
  #squeezed = false
  #rests = false

  constructor(lanes: number, options: StrictLanesOptions) {
    this.#maxWaitFrames = options.maxWaitFrames
    this.#agedShare = options.agedShare
    this.#passed = new Uint8Array(lanes)
    this.#aged = new Uint8Array(lanes)
  }

  begin(lanes: LanesAtWork, budgetMs: number): void {
    this.#passed.fill(0)
    this.#agedLeft = 0
    let urgent = true
    for (let place = 0; place < lanes.count; place++) {
      const lane = lanes.order[place]!
      const waited = lanes.waited(lane)
      const aged = !urgent && waited >= this.#maxWaitFrames
      if (waited >= 0) urgent = false
      this.#aged[lane] = aged ? 1 : 0
      if (aged) this.#agedLeft++
    }
    const shareMs = this.#agedShare * budgetMs
    this.#rests = this.#squeezed
    this.#squeezed = false
    this.#hasServedAged = false
    this.#lastTurn = this.#firstTurn
    // Nothing is saved up while none is aged; what was lent stays lent.
    this.#creditMs = Math.min(this.#creditMs + shareMs, this.#agedLeft === 0 ? 0 : budgetMs)
  }

  next(lanes: LanesAtWork): number {
    this.#servesAged = this.#agedLeft > 0 && this.#creditMs > 0 && !this.#rests
    if (this.#servesAged) {
      for (let step = 1; step <= lanes.count; step++) {
        const place = (this.#lastTurn + step) % lanes.count
        const lane = lanes.order[place]!
        if (this.#aged[lane] === 0) continue
        if (lanes.waited(lane) < this.#maxWaitFrames) this.#rejuvenate(lane)
        else {
          this.#turn = place
          return lane
        }
      }
      this.#servesAged = false
    }
    for (let place = 0; place < lanes.count; place++) {
      const lane = lanes.order[place]!
      if (this.#passed[lane] === 0 && lanes.waited(lane) >= 0) return lane
    }
    return NO_LANE
  }

  served(_lane: number, ms: number): void {
    if (!this.#servesAged) return
    this.#creditMs -= ms
    if (!this.#hasServedAged) this.#firstTurn = this.#turn
    this.#hasServedAged = true
    this.#lastTurn = this.#turn
  }

  passed(lane: number): void {
    this.#passed[lane] = 1
    if (this.#hasServedAged && this.#aged[lane] === 0) this.#squeezed = true
    this.#rejuvenate(lane)
  }

  #rejuvenate(lane: number): void {
    this.#agedLeft -= this.#aged[lane]!
    this.#aged[lane] = 0
  }
}
