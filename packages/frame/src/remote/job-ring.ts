import { MillraceError } from '@millrace/kernel/errors'
import { checkObject, show } from '@millrace/kernel/options'
import { createSharedRing } from '@millrace/kernel/queue/shared-ring'

export interface JobRingOptions {
  /**
   * Bytes of jobs that wait to be received, a power of two, 64 to 2^29. A job takes those of its payload and 8 more, up to a
   * multiple of 8; none may take more than half of them. @default 65536
   */
  readonly capacityBytes?: number
}

/**
 * The memory through which one other thread sends jobs to a controller: there a {@link JobSender} is made of it, here it
 * goes to {@link receiveJobs}. Each thread that sends needs a ring of its own.
 * @throws {MillraceError} `OPTION_INVALID`; `SHARED_MEMORY_UNAVAILABLE` where threads share none, as in a web page that is not
 * cross-origin isolated.
 */
export function createJobRing(options: JobRingOptions = {}): SharedArrayBuffer {
  if (typeof SharedArrayBuffer === 'function') return createSharedRing(checkObject('createJobRing', 'options', options))
  throw new MillraceError(
    'SHARED_MEMORY_UNAVAILABLE',
    'createJobRing: this host shares no memory between threads; serve the page with the headers of cross-origin isolation, ' +
      'or post the bytes in messages and hand them to controller.submitBytes()',
  )
}

/** @throws {MillraceError} `OPTION_INVALID` unless `ring` is shared memory: of any other, each thread would have its own. */
export function checkRing(owner: string, ring: unknown): SharedArrayBuffer {
  // Of another realm, such as an iframe, it is no instance of this one's class.
  if (Object.prototype.toString.call(ring) === '[object SharedArrayBuffer]') return ring as SharedArrayBuffer
  throw new MillraceError('OPTION_INVALID', `${owner}: ring must be what createJobRing() returned, not ${show(ring)}`, {
    detail: { owner, option: 'ring', value: ring },
  })
}
