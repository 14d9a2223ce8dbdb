import type { Job } from '../queue/job.ts'
import { LiveRing } from '../queue/live-ring.ts'

/**
 * The jobs of one priority in the order in which they came, and their results in the same order, but for one that is late: once others
 * have been held for `maxHoldFrames` frames behind it, they pass, and it comes as soon as it is ready.
 *
 * A job passes through once: all is O(1), amortised.
 */
export class DeliveryLine {
  readonly #maxHoldFrames: number
  /** By submission. */
  readonly #jobs = new LiveRing<Job>(({ state }) => state !== 'over')
  /** Those that got ready, by when, and are held. */
  readonly #held = new LiveRing<Job>(({ state, isReleased }) => state === 'ready' && !isReleased)
  /** Those that got ready when they were overtaken already. */
  readonly #late = new LiveRing<Job>(({ state }) => state !== 'over')

  constructor(maxHoldFrames: number) {
    this.#maxHoldFrames = maxHoldFrames
  }

  push(job: Job): void {
    this.#jobs.push(job)
  }

  /** A job got ready: `job.readyIn` is the frame. */
  ready(job: Job): void {
    if (job.isOvertaken) this.#late.push(job)
    else this.#held.push(job)
  }

  /** Takes the job whose result may be delivered in `frame`, or returns undefined when there is none. */
  shift(frame: number): Job | undefined {
    const job = this.#late.shift() ?? this.#next(frame)
    if (job !== undefined) job.isReleased = true
    // Nothing of it is kept here.
    this.#held.peek()
    return job
  }

  #next(frame: number): Job | undefined {
    for (let job = this.#jobs.peek(); job !== undefined; job = this.#jobs.peek()) {
      if (job.state === 'waiting' && !this.#isHeldTooLong(frame)) return undefined
      this.#jobs.shift()
      if (job.state === 'ready') return job
      job.isOvertaken = true
    }
    return undefined
  }

  #isHeldTooLong(frame: number): boolean {
    const longest = this.#held.peek()
    return longest !== undefined && frame - longest.readyIn >= this.#maxHoldFrames
  }
}
