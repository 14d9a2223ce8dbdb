import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkNumber, checkObject } from '@millrace/kernel/options'
import { Signal, type Subscription } from '@millrace/kernel/signal'
import { tell } from '@millrace/kernel/tell'
import type { JobId } from '../batch-job.ts'
import type { FrameStart } from '../controller-events.ts'
import type { BatchController } from '../frame.ts'
import { JobReader } from './job-reader.ts'

export interface JobInboxOptions {
  /** Most jobs that are taken in a frame, at least 1. @default 1024 */
  readonly maxJobs?: number
  /** The share of the frame's budget in which they are, above 0 and at most 1. @default 0.2 */
  readonly budgetShare?: number
}

/** A job that came through a ring and cannot be queued: it is over. */
export interface JobRefusal {
  readonly ring: SharedArrayBuffer
  /** The system that its sender named. */
  readonly systemIndex: number
  /** `SYSTEM_UNKNOWN`, `SYSTEM_RECURRING`, or what the system's `decode` threw. */
  readonly error: unknown
}

/** A ring holds what no sender writes. It is read no more, the others are. */
export interface RingDamage {
  readonly ring: SharedArrayBuffer
  /** `RING_CORRUPT`. */
  readonly error: unknown
}

/** Most jobs between two reads of the clock. */
const MOST_IN_A_ROW = 64

/**
 * Takes jobs out of rings and queues them with a controller, at the beginning of each of its frames and for that frame.
 *
 * - **Each job** that a sender was told is accepted is queued once, first sent, first queued. While the controller's queue is
 *   full its rings keep theirs, whatever `whenFull` says, and get full too: nothing is dropped.
 * - **The budget**: to decode is work of the frame's. A frame takes one job at least, and others while they fit into the share, by what
 *   those before them took; the rest waits in the rings.
 * - **Fair**: the rings take turns, job by job, from frame to frame.
 */
export class JobInbox implements Disposable {
  readonly jobRefused = new Signal<JobRefusal>()
  readonly ringDamaged = new Signal<RingDamage>()
  readonly #controller: Pick<BatchController<never>, 'submitBytes'>
  readonly #maxJobs: number
  readonly #budgetShare: number
  /** Another array with every change: one that is being read stays as it is. */
  #readers: readonly JobReader[] = []
  readonly #frames: Subscription
  /** Place of the ring whose turn it is. */
  #turn = 0
  #received = 0
  #refused = 0

  /** @throws {MillraceError} `OPTION_INVALID`; `RING_CORRUPT`. */
  constructor(
    controller: Pick<BatchController<never>, 'frameBegins' | 'submitBytes'>,
    rings: readonly SharedArrayBuffer[],
    options: JobInboxOptions = {},
  ) {
    this.#controller = controller
    checkObject('JobInbox', 'options', options)
    this.#maxJobs = checkInteger('JobInbox', 'maxJobs', options.maxJobs ?? 1024, { min: 1 })
    this.#budgetShare = checkNumber('JobInbox', 'budgetShare', options.budgetShare ?? 0.2, { above: 0, max: 1 })
    for (const ring of rings) this.add(ring)
    this.#frames = controller.frameBegins.subscribe((frame) => this.#receive(frame))
  }

  /** Jobs that were queued so far, and jobs that could not be. */
  get received(): number {
    return this.#received
  }

  get refused(): number {
    return this.#refused
  }

  /**
   * Takes jobs out of one more ring.
   * @throws {MillraceError} `OPTION_INVALID` when it is no ring, or has been added; `RING_CORRUPT`.
   */
  add(ring: SharedArrayBuffer): void {
    if (this.#placeOf(ring) !== -1) throw addedTwice(ring)
    this.#readers = [...this.#readers, new JobReader(ring)]
  }

  /** Reads a ring no more; what is in it stays there. Returns false when it has not been added, or was damaged. */
  remove(ring: SharedArrayBuffer): boolean {
    const place = this.#placeOf(ring)
    if (place === -1) return false
    this.#readers[place]!.publish()
    this.#readers = this.#readers.toSpliced(place, 1)
    if (place < this.#turn) this.#turn--
    return true
  }

  /** Reads no ring any more. Idempotent. */
  [Symbol.dispose](): void {
    this.#frames.unsubscribe()
    for (const { ring } of this.#readers) this.remove(ring)
  }

  /** Reads the clock after one job, then after as many as there were before it, at most 64; and not at all when there are none. */
  #receive(frame: FrameStart): void {
    const keepMs = Math.max(0, frame.allowedMs) * (1 - this.#budgetShare)
    const readers = this.#readers
    let taken = 0
    let next = 1
    while (next >= 1 && this.#take(next)) {
      taken += next
      const leftMs = frame.remainingMs
      const usedMs = frame.allowedMs - leftMs
      const fitting = leftMs > keepMs ? Math.floor((taken * (leftMs - keepMs)) / usedMs) : 0
      next = Math.min(fitting, taken, MOST_IN_A_ROW, this.#maxJobs - taken)
    }
    for (const reader of readers) reader.publish()
  }

  /** Takes so many jobs; returns false when there are no more, or the controller has no room for them. */
  #take(jobs: number): boolean {
    for (let job = 0; job < jobs; job++) {
      const reader = this.#nextReader()
      if (reader === undefined || !this.#queue(reader)) return false
      this.#turn++
    }
    return true
  }

  /** The ring whose turn it is, of those that have a job. */
  #nextReader(): JobReader | undefined {
    for (let asked = 0; asked < this.#readers.length; asked++) {
      if (this.#turn >= this.#readers.length) this.#turn = 0
      const reader = this.#readers[this.#turn]!
      try {
        if (reader.look()) return reader
        this.#turn++
      } catch (error) {
        this.remove(reader.ring)
        asked--
        tell(this.ringDamaged, { ring: reader.ring, error })
      }
    }
    return undefined
  }

  /** Queues a ring's first job, or refuses it; returns false, and leaves it where it is, when the controller has no room. */
  #queue(reader: JobReader): boolean {
    const { systemIndex } = reader
    let jobId: JobId | undefined
    try {
      jobId = this.#controller.submitBytes(systemIndex, reader.payload())
    } catch (error) {
      reader.take()
      this.#refused++
      tell(this.jobRefused, { ring: reader.ring, systemIndex, error })
      return true
    }
    if (jobId === undefined) return false
    reader.take()
    this.#received++
    return true
  }

  #placeOf(ring: SharedArrayBuffer): number {
    return this.#readers.findIndex((reader) => reader.ring === ring)
  }
}

function addedTwice(ring: SharedArrayBuffer): MillraceError {
  return new MillraceError('OPTION_INVALID', 'JobInbox: the ring has been added; give each sender one of its own', {
    detail: { owner: 'JobInbox', option: 'rings', value: ring },
  })
}
