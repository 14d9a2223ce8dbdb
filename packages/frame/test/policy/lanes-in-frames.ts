import type { LanePolicy, LanesAtWork } from '../../src/policy/lane-policy.ts'

export interface LanesInFrames {
  readonly budgetMs: number
  readonly frames: number
  /** The most urgent lane first. */
  readonly order: Int32Array
  /** What the next job of a lane takes; undefined when it has none in this frame. */
  readonly nextJob: (lane: number, frame: number) => number | undefined
  /** Whether jobs have waited for ever, or only since the lane was served last. */
  readonly isOld: boolean
}

export interface LanesServed {
  /** By lane: frames with work in a row, at most, in which it was not served. */
  readonly longestGap: number[]
  /** By lane and frame. */
  readonly usedMs: Float64Array[]
}

/** Serves lanes by a policy, frame by frame: what fits, and the first job of a frame in any case. */
export function serveLanes(
  policy: LanePolicy,
  { budgetMs, frames, order, nextJob, isOld }: LanesInFrames,
): LanesServed {
  const count = order.length
  const heads: (number | undefined)[] = new Array(count).fill(undefined)
  const since = new Array<number>(count).fill(0)
  const longestGap = new Array<number>(count).fill(0)
  const usedMs: Float64Array[] = []
  let frame = 0
  const lanes: LanesAtWork = {
    count,
    order,
    waited: (lane) => (heads[lane] === undefined ? -1 : isOld ? 1e6 : frame - since[lane]!),
  }
  for (; frame < frames; frame++) {
    for (let lane = 0; lane < count; lane++) {
      if (heads[lane] !== undefined) continue
      heads[lane] = nextJob(lane, frame)
      since[lane] = frame
    }
    const used = new Float64Array(count)
    let leftMs = budgetMs
    let first = true
    policy.begin(lanes, budgetMs)
    for (let turns = 0, lane = policy.next(lanes); lane >= 0 && turns < 10_000; turns++, lane = policy.next(lanes)) {
      const ms = heads[lane]!
      if (!first && ms > leftMs) {
        policy.passed(lane)
        continue
      }
      first = false
      leftMs -= ms
      used[lane]! += ms
      longestGap[lane] = Math.max(longestGap[lane]!, frame - since[lane]!)
      heads[lane] = nextJob(lane, frame)
      since[lane] = frame
      policy.served(lane, ms)
    }
    usedMs.push(used)
  }
  for (let lane = 0; lane < count; lane++) {
    if (heads[lane] !== undefined) longestGap[lane] = Math.max(longestGap[lane]!, frames - since[lane]!)
  }
  return { longestGap, usedMs }
}
