import { checkParams } from '../src/index.ts'
import { Cut } from '../src/queue/cut.ts'
import { Job } from '../src/queue/job.ts'

const params = checkParams()

/** A job with nothing to do. */
export function jobOf(id: number, lane = 0): Job {
  return new Job(id, lane, undefined, undefined, false)
}

/** A cut with nothing to cut. */
export function cutOf(lane = 0, isHeavy = false): Cut<Job> {
  const polygon = { coords: new Float64Array(6), ringEnds: Int32Array.of(3) }
  return new Cut<Job>(polygon, params, undefined, { size: 30, predictedMs: 1, isHeavy }, lane)
}
