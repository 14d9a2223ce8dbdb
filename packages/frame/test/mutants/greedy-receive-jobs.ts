import type { FrameStart } from '@millrace/frame'
import { Signal } from '@millrace/kernel'
import { receiveJobs } from '../../src/remote/receive-jobs.ts'

/** Does not look at the clock. */
export const greedyReceiveJobs: typeof receiveJobs = (controller, rings, options) => {
  const frameBegins = new Signal<FrameStart>()
  controller.frameBegins.subscribe(({ allowedMs }) => frameBegins.emit({ allowedMs, remainingMs: allowedMs }))
  return receiveJobs({ frameBegins, submitBytes: (...job) => controller.submitBytes(...job) }, rings, options)
}
