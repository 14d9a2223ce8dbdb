import { checkNumber } from '@millrace/kernel/options'
import { RecentQuantile } from './recent-quantile.ts'

export interface FrameHeadroomOptions {
  /** Frames a second to keep, above 0 and at most 1000. */
  readonly fps: number
  /** The least budget, in ms, above 0. @default 0.5 */
  readonly minBudgetMs?: number
  /** The greatest budget, in ms, at least `minBudgetMs`. @default the length of a frame */
  readonly maxBudgetMs?: number
  /** The budget to begin with, in ms, above 0; the bounds hold for it too. @default 2.5 */
  readonly startMs?: number
}

/** One frame that is over. */
export interface FrameEvidence {
  /** How long it was, from its beginning to that of the next, in ms. */
  readonly deltaMs: number
  /** What it used of its budget, in ms. */
  readonly usedMs: number
  /** What others used of it, in ms, as far as that was measured. */
  readonly otherMs?: number | undefined
}

/** A frame that took so many is one that missed its display. */
const MISSED_FRAMES = 1.5
/** A longer one is no frame, but a hidden tab, a debugger, a machine that slept. */
const PAUSE_MS = 500
/** Who used less of a missed frame, as a share of its length, is not to blame for it. */
const LEAST_SHARE = 0.02
/** What is left when others use as much as they do in 98 of 100 frames, of the last so many, … */
const OTHERS = { quantile: 0.98, samples: 250 }
/** … and how much of it is taken: a budget may be overrun a little, and a display needs the frame a little early. */
const TAKEN_SHARE = 0.95
/** A miss that the measured does not explain cuts the budget to this … */
const CUT = 0.85
/** … from which one of a whole frame's length is back in so many frames, as are smaller ones sooner. */
const RECOVERY_FRAMES = 120

/**
 * Finds the budget that a frame has room for beside what others use of it, so that it keeps its display's rhythm.
 *
 * Two limits, of which the lower holds. What is measured of the others leaves room: about 2 frames in 100 miss for what they use
 * beyond that. And missed frames that the measured does not explain, or all where nothing is measured, are a ceiling: each cuts
 * it, and it rises in a curve that is flat around the height of the last miss, and steeper the longer none follows. It starts in
 * the flat, at `startMs`. The target must be what the display does: frames that miss always bring the least budget.
 *
 * `observe` is O(1) but for 250 numbers of which it moves some, and allocates nothing. A frame of more than 500 ms, and numbers
 * that are negative or not finite, are no evidence.
 *
 * The ceiling is CUBIC of TCP: Ha, Rhee and Xu, "CUBIC: a new TCP-friendly high-speed TCP variant", ACM SIGOPS 42(5), 2008.
 */
export class FrameHeadroom {
  readonly #frameMs: number
  readonly #minMs: number
  readonly #maxMs: number
  readonly #others = new RecentQuantile(OTHERS)
  /** Where the ceiling's curve is flat. */
  #flatMs: number
  /** Frames since the curve was there; negative before. */
  #sinceFlat = 0
  #budgetMs: number

  constructor(options: FrameHeadroomOptions) {
    const owner = 'FrameHeadroom'
    this.#frameMs = 1000 / checkNumber(owner, 'fps', options.fps, { above: 0, max: 1000 })
    this.#minMs = checkNumber(owner, 'minBudgetMs', options.minBudgetMs ?? 0.5, { above: 0 })
    const maxMs = options.maxBudgetMs ?? Math.max(this.#frameMs, this.#minMs)
    this.#maxMs = checkNumber(owner, 'maxBudgetMs', maxMs, { min: this.#minMs })
    this.#flatMs = this.#bounded(checkNumber(owner, 'startMs', options.startMs ?? 2.5, { above: 0 }))
    this.#budgetMs = this.#flatMs
  }

  /** What the next frame may use, in ms: from `minBudgetMs` to `maxBudgetMs`. */
  get budgetMs(): number {
    return this.#budgetMs
  }

  /** Learns from a frame that is over. */
  observe({ deltaMs, usedMs, otherMs }: FrameEvidence): void {
    if (!(deltaMs > 0 && deltaMs <= PAUSE_MS && usedMs >= 0)) return
    const measuredMs = otherMs !== undefined && otherMs >= 0 && Number.isFinite(otherMs) ? otherMs : undefined
    if (measuredMs !== undefined) this.#others.observe(measuredMs)

    const missed = deltaMs > MISSED_FRAMES * this.#frameMs
    const explained = (measuredMs ?? 0) + usedMs > this.#frameMs && measuredMs !== undefined
    if (!missed) this.#sinceFlat++
    else if (!explained && usedMs > LEAST_SHARE * this.#frameMs) this.#cut(Math.min(usedMs, this.#budgetMs))

    const roomMs = this.#others.count === 0 ? this.#maxMs : TAKEN_SHARE * (this.#frameMs - this.#others.value)
    this.#budgetMs = this.#bounded(Math.min(roomMs, this.#ceilingMs))
  }

  get #ceilingMs(): number {
    return this.#flatMs + (1 - CUT) * this.#frameMs * (this.#sinceFlat / RECOVERY_FRAMES) ** 3
  }

  #cut(fromMs: number): void {
    this.#flatMs = fromMs
    this.#sinceFlat = -RECOVERY_FRAMES * Math.cbrt(fromMs / this.#frameMs)
  }

  #bounded(ms: number): number {
    return Math.min(Math.max(ms, this.#minMs), this.#maxMs)
  }
}
