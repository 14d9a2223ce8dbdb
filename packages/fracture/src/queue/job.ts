import type { LaneHandle } from '@millrace/kernel/queue/lanes'
import type { CutParams } from '../patterns/check-params.ts'
import type { Polygon, Transform } from '../polygon/polygon.ts'
import type { FractureResult } from '../result/fracture-result.ts'
import type { PackedFragments } from '../result/packed-fragments.ts'
import type { Cut } from '../task/cut.ts'

/** Names a job of a processor; no two share one. */
export type JobId = number

/** What a result is delivered to: its cost is learned for each kind. */
export type DeliveryKind = 'listener' | 'adapter' | 'stream'

/** Who waits for a job beside the listeners: one of the three is called, once. */
export interface JobCaller {
  readonly kind: DeliveryKind
  /** Called within a frame, before the listeners hear of it. When it throws, that is how the job ends. */
  completed(result: FractureResult): void
  /** Called within a frame, or when the processor's time to close is over. */
  failed(error: unknown): void
  /** Called at once by whoever cancels. */
  cancelled(reason: unknown): void
}

/**
 * `waiting`: it is not cut yet. `ready`: it is, or that failed, and nobody has heard of it. `over`: it ended, or will be told as cancelled with the next
 * frame.
 */
export type JobState = 'waiting' | 'ready' | 'over'

/** One order for a fracture, from the moment it is accepted until it has ended. */
export class Job {
  readonly id: JobId
  /** 0 is the most urgent. */
  readonly lane: number
  readonly transform: Transform | undefined
  readonly caller: JobCaller | undefined
  /** Nobody is told how it ends: its result is for the cache. */
  readonly isSilent: boolean
  state: JobState = 'waiting'
  /** What is to be cut, and how. */
  polygon: Polygon | undefined = undefined
  params: CutParams | undefined = undefined
  /** What that is expected to take, and whether that is so long that not all workers may have such a cut. */
  size = 0
  predictedMs = 0
  isHeavy = false
  /** While it waits for its turn: its place in the queue, when its turn comes beside those of other lanes, and which came first of two that tie. */
  place: LaneHandle = -1
  rank = 0
  serial = 0
  /** What it waits for once its turn has come. */
  cut: Cut<Job> | undefined = undefined
  /** Once it is ready: one of the two. */
  packed: PackedFragments | undefined = undefined
  error: unknown = undefined
  /** The frame in which it got ready. */
  readyIn = 0
  /** Those behind it no longer wait for it. */
  isOvertaken = false
  /** Whether its turn to be delivered has come; and where it waits for that. */
  isReleased = false
  handle: LaneHandle = -1
  /** Whether it takes a place at the gate. */
  isGated = true
  /** Ends the listening to its signal. */
  unlisten: (() => void) | undefined = undefined

  constructor(
    id: JobId,
    lane: number,
    transform: Transform | undefined,
    caller: JobCaller | undefined,
    isSilent: boolean,
  ) {
    this.id = id
    this.lane = lane
    this.transform = transform
    this.caller = caller
    this.isSilent = isSilent
  }
}
