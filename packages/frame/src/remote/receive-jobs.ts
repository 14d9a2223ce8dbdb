import type { BatchController } from '../frame.ts'
import { JobInbox, type JobInboxOptions } from './job-inbox.ts'

/**
 * Queues the jobs that other threads send through `rings`, made by `createJobRing`, at the beginning of each frame of
 * `controller`: see {@link JobInbox}. One call for all rings, so that they take turns. What a system's `decode` is given is a copy,
 * which it may keep.
 * @throws {MillraceError} `OPTION_INVALID`; `RING_CORRUPT`.
 */
export function receiveJobs(
  controller: Pick<BatchController<never>, 'frameBegins' | 'submitBytes'>,
  rings: SharedArrayBuffer | readonly SharedArrayBuffer[],
  options: JobInboxOptions = {},
): JobInbox {
  return new JobInbox(controller, Array.isArray(rings) ? rings : [rings], options)
}
