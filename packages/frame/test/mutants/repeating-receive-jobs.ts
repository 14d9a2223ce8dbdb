import { receiveJobs } from '../../src/remote/receive-jobs.ts'

/** Leaves the last job of a frame in its ring, where it is read again. */
export const repeatingReceiveJobs: typeof receiveJobs = (controller, rings, options) => {
  const most = options?.maxJobs ?? 1024
  let taken = 0
  const { frameBegins } = controller
  frameBegins.subscribe(() => {
    taken = 0
  })
  const submitBytes: typeof controller.submitBytes = (index, bytes) => {
    const jobId = controller.submitBytes(index, bytes)
    return ++taken < most ? jobId : undefined
  }
  return receiveJobs({ frameBegins, submitBytes }, rings, options)
}
