import type { CutKey } from '../cache/cut-key.ts'
import type { CutParams } from '../patterns/check-params.ts'
import type { Polygon } from '../polygon/polygon.ts'

/** What is expected of a cutting. */
export interface Work {
  readonly size: number
  readonly predictedMs: number
  readonly isHeavy: boolean
}

/** One cutting of one polygon, for all jobs that ask for the same while it is under way. */
export class Cut<Waiter> {
  readonly polygon: Polygon
  readonly params: CutParams
  /** What it is found by; undefined where nothing is kept. */
  readonly key: CutKey | undefined
  readonly size: number
  /** What it was expected to take when it was last asked, in ms. */
  predictedMs: number
  /** Whether that is so long that not all workers may have such a cut. */
  readonly isHeavy: boolean
  /** Those that wait for it, first the one that came first. */
  readonly jobs: Waiter[] = []
  /** Whether somebody still waits for it, and it is not done. */
  isRunning = true
  /** How far it is, 0 to 1. */
  progress = 0

  constructor(polygon: Polygon, params: CutParams, key: CutKey | undefined, work: Work) {
    this.polygon = polygon
    this.params = params
    this.key = key
    this.size = work.size
    this.predictedMs = work.predictedMs
    this.isHeavy = work.isHeavy
  }
}
