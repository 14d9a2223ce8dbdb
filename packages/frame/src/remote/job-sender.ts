import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger } from '@millrace/kernel/options'
import { SharedRingProducer } from '@millrace/kernel/queue/shared-ring-producer'
import { checkRing } from './job-ring.ts'

const LAST_INDEX = 2 ** 31 - 1
const NOTHING = new Uint8Array(0)

/**
 * Sends jobs to a controller in another thread, through a ring made by `createJobRing`.
 *
 * First sent, first queued there. What `submit` has accepted is queued at the beginning of one of the controller's next frames,
 * once, even when this thread has ended by then. Allocates nothing.
 */
export class JobSender {
  /** The longest payload that a job can have, in bytes. */
  readonly maxPayloadBytes: number
  readonly #ring: SharedRingProducer
  readonly #memory: Uint8Array<SharedArrayBuffer>

  /**
   * One at a time may send through a ring; one that ended may be followed by another.
   * @throws {MillraceError} `OPTION_INVALID` when `ring` is none; `RING_CORRUPT`.
   */
  constructor(ring: SharedArrayBuffer) {
    this.#ring = new SharedRingProducer(checkRing('JobSender', ring))
    this.#memory = new Uint8Array(ring)
    this.maxPayloadBytes = this.#ring.maxRecordBytes
  }

  /**
   * Sends a job to the system that has `systemIndex`, its {@link SystemId.index}; `payload` is copied, for its `decode`. Returns
   * false when the ring is full, which it stays for as long as the controller's queue is. Never blocks.
   * @throws {MillraceError} `OPTION_INVALID`; `RING_RECORD_TOO_LARGE` above `maxPayloadBytes`; `RING_CORRUPT`.
   */
  submit(systemIndex: number, payload: Uint8Array = NOTHING): boolean {
    checkInteger('JobSender', 'systemIndex', systemIndex, { min: 0, max: LAST_INDEX })
    if (!(payload instanceof Uint8Array)) throw notBytes(payload)
    const { byteLength } = payload
    const place = this.#ring.reserve(byteLength)
    if (place < 0) return false
    this.#memory.set(payload, place)
    this.#ring.commit(byteLength, systemIndex)
    this.#ring.publish()
    return true
  }

  /**
   * Blocks this thread until the ring has room for a payload of `bytes`, or `timeoutMs` are over; returns whether it has.
   * False may also come early. Not for the controller's own thread, which would wait for itself.
   * @throws {MillraceError} `RING_RECORD_TOO_LARGE`, `RING_CORRUPT`, `OPTION_INVALID`; `WAIT_UNSUPPORTED` where threads may not
   * block.
   */
  wait(bytes = 0, timeoutMs = Number.POSITIVE_INFINITY): boolean {
    return this.#ring.wait(bytes, timeoutMs)
  }

  /**
   * The same without blocking. Does not keep a process alive by itself.
   * @throws {MillraceError} as a rejection: as `wait`, and `BELL_BUSY` when a wait is under way.
   */
  waitAsync(bytes = 0, timeoutMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    return this.#ring.waitAsync(bytes, timeoutMs)
  }
}

function notBytes(payload: unknown): MillraceError {
  return new MillraceError(
    'OPTION_INVALID',
    'JobSender: payload must be a Uint8Array; of other arrays send new Uint8Array(array.buffer, array.byteOffset, array.byteLength)',
    { detail: { owner: 'JobSender', option: 'payload', value: payload } },
  )
}
