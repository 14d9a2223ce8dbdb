import { SharedRingConsumer } from '@millrace/kernel/queue/shared-ring-consumer'
import { checkRing } from './job-ring.ts'

const NONE = -1

/**
 * One ring, from which jobs are taken: the first one stays until it is, even when another reader is made of the ring.
 */
export class JobReader {
  readonly ring: SharedArrayBuffer
  readonly #ring: SharedRingConsumer
  readonly #memory: Uint8Array<SharedArrayBuffer>
  /** Where the payload of the first job is, once it was looked for. */
  #place = NONE

  /** @throws {MillraceError} `OPTION_INVALID`, `RING_CORRUPT`. */
  constructor(ring: SharedArrayBuffer) {
    this.ring = ring
    this.#ring = new SharedRingConsumer(checkRing('JobInbox', ring))
    this.#memory = new Uint8Array(ring)
  }

  /**
   * Whether there is a job.
   * @throws {MillraceError} `RING_CORRUPT`.
   */
  look(): boolean {
    if (this.#place === NONE) this.#place = this.#ring.next()
    return this.#place !== NONE
  }

  /** Of the first job, once it was looked for: its system, and a copy of its payload. */
  get systemIndex(): number {
    return this.#ring.tag
  }

  payload(): Uint8Array {
    return this.#memory.slice(this.#place, this.#place + this.#ring.length)
  }

  /** Takes the first job out. */
  take(): void {
    this.#ring.release()
    this.#place = NONE
  }

  /** Tells the sender of the room that there is now. */
  publish(): void {
    this.#ring.publish()
  }
}
