import { receiveJobs } from '../../src/remote/receive-jobs.ts'

/** Begins with the first ring in every frame. */
export const partialReceiveJobs: typeof receiveJobs = (controller, rings, options) => {
  const inboxes = [rings].flat().map((ring) => receiveJobs(controller, ring, options))
  return inboxes[0]!
}
