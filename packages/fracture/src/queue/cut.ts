import type { LaneHandle } from '@millrace/kernel/queue/lanes'
import type { CutKey } from '../cache/cut-key.ts'
import type { CheckedParams } from '../patterns/check-params.ts'
import type { Polygon } from '../polygon/polygon.ts'

/** `queued`: it waits for a worker, or for a frame. `running`: a worker has it, or it is cut now. */
export type CutState = 'queued' | 'running' | 'over'

/** One cutting of one polygon, for all jobs that ask for the same while it is under way. */
export class Cut<Waiter> {
  readonly polygon: Polygon
  readonly params: CheckedParams
  /** What it is found by; undefined where nothing is kept. */
  readonly key: CutKey | undefined
  readonly size: number
  /** What it was expected to take when it was last asked, in ms. */
  predictedMs: number
  /** Whether that is so long that not all workers may have such a cut. */
  readonly isHeavy: boolean
  /** Those that wait for it, first the one that came first. */
  readonly jobs: Waiter[] = []
  /** The lane of the most urgent of them. */
  lane: number
  state: CutState = 'queued'
  /** While queued: its place, when its turn comes beside those of other lanes, and which came first of two that tie. */
  handle: LaneHandle = -1
  rank = 0
  serial = 0
  /** How far it is, 0 to 1. */
  progress = 0

  constructor(
    polygon: Polygon,
    params: CheckedParams,
    key: CutKey | undefined,
    work: { readonly size: number; readonly predictedMs: number; readonly isHeavy: boolean },
    lane: number,
  ) {
    this.polygon = polygon
    this.params = params
    this.key = key
    this.size = work.size
    this.predictedMs = work.predictedMs
    this.isHeavy = work.isHeavy
    this.lane = lane
  }
}
