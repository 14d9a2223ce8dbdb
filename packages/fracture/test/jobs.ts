import { Job } from '../src/queue/job.ts'

/** A job with nothing to do. */
export function jobOf(id: number, lane = 0, isHeavy = false): Job {
  const job = new Job(id, lane, undefined, undefined, false)
  job.isHeavy = isHeavy
  return job
}
