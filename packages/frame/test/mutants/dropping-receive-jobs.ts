import { receiveJobs } from '../../src/remote/receive-jobs.ts'

/** Takes a job out of its ring although the controller had no room for it. */
export const droppingReceiveJobs: typeof receiveJobs = (controller, rings, options) => {
  const { frameBegins } = controller
  const submitBytes: typeof controller.submitBytes = (index, bytes) => controller.submitBytes(index, bytes) ?? 0
  return receiveJobs({ frameBegins, submitBytes }, rings, options)
}
