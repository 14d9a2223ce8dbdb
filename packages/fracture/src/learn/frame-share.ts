import { Ewma } from '@millrace/kernel/learn/ewma'
import { checkNumber } from '@millrace/kernel/options'

/** The specification's constants. A frame counts as long as the display makes it, from the one to the other, … */
export const TARGET_FRAME_TIME_MS = 16
export const MIN_FRAME_TIME_MS = 8
/** … of which so much may be planned with. */
export const SAFETY_MARGIN = 0.8
/** So much is taken all the same where others leave nothing: it is not what such a frame is late by, and results that never came would be worse. */
const LEAST_SLICE_MS = 0.5
/** The weight of the newest frame in what is known of them. */
const ALPHA = 0.2
/** A longer one is no frame, but a hidden tab, a debugger, a machine that slept. */
const PAUSE_MS = 500

export interface FrameShareOptions {
  /** Most that is ever taken of a frame, in ms, above 0. */
  readonly maxSliceMs: number
}

/** What is known of a frame that is over. */
export interface FrameSeen {
  /** From its beginning to that of the next, in ms. */
  readonly deltaMs?: number | undefined
  /** What others used of it, in ms, as far as that was measured. */
  readonly otherMs?: number | undefined
}

/**
 * What delivery may take of a frame: 0.8 of the display's interval, less what others use of it; no more than `maxSliceMs`, no less than 0.5 ms of that.
 *
 * The interval and the others' use are moving averages. Times that are negative or not finite, and frames of more than 500 ms, are no evidence.
 */
export class FrameShare {
  readonly #maxSliceMs: number
  readonly #interval = new Ewma({ alpha: ALPHA })
  readonly #others = new Ewma({ alpha: ALPHA })

  constructor({ maxSliceMs }: FrameShareOptions) {
    this.#maxSliceMs = checkNumber('FrameShare', 'maxSliceMs', maxSliceMs, { above: 0 })
  }

  /** How long a frame is, in ms, 8 to 16: 16 before the first was seen. */
  get frameMs(): number {
    const { count, value } = this.#interval
    return count === 0 ? TARGET_FRAME_TIME_MS : Math.min(Math.max(value, MIN_FRAME_TIME_MS), TARGET_FRAME_TIME_MS)
  }

  /** What others use of it, in ms. */
  get othersMs(): number {
    return this.#others.count === 0 ? 0 : this.#others.value
  }

  /** What the next frame may use, in ms. */
  get sliceMs(): number {
    const leftMs = SAFETY_MARGIN * this.frameMs - this.othersMs
    return Math.min(Math.max(leftMs, LEAST_SLICE_MS), this.#maxSliceMs)
  }

  observe({ deltaMs = 0, otherMs = -1 }: FrameSeen): void {
    if (deltaMs > 0 && deltaMs <= PAUSE_MS) this.#interval.observe(deltaMs)
    if (otherMs >= 0 && otherMs <= PAUSE_MS) this.#others.observe(otherMs)
  }
}
