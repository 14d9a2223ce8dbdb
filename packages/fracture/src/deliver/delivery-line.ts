import { Ring } from '@millrace/kernel/queue/ring'
import type { Job } from '../queue/job.ts'

/**
 * The jobs of one priority in the order in which they came, and their results in the same order, but for one that is late: once others
 * have been held for `maxHoldFrames` frames behind it, they pass, and it comes as soon as it is ready.
 *
 * A job passes through once: all is O(1), amortised.
 */
export class DeliveryLine {
  readonly #maxHoldFrames: number
  /** By submission. */
  readonly #jobs = new Ring<Job>()
  /** Those that got ready, by when; some of them have left. */
  readonly #ready = new Ring<Job>()
  /** Those that got ready when they were overtaken already. */
  readonly #late = new Ring<Job>()

  constructor(maxHoldFrames: number) {
    this.#maxHoldFrames = maxHoldFrames
  }

  push(job: Job): void {
    this.#jobs.push(job)
  }

  /** A job got ready: `job.readyIn` is the frame. */
  ready(job: Job): void {
    if (job.isOvertaken) this.#late.push(job)
    else this.#ready.push(job)
  }

  /** Takes the job whose result may be delivered in `frame`, or returns undefined when there is none. */
  shift(frame: number): Job | undefined {
    let job = this.#next(frame)
    while (job?.state === 'over') job = this.#next(frame)
    if (job !== undefined) job.isReleased = true
    this.#prune()
    return job
  }

  #next(frame: number): Job | undefined {
    if (this.#late.size > 0) return this.#late.shift()
    for (let job = this.#jobs.peek(); job !== undefined; job = this.#jobs.peek()) {
      if (job.state === 'waiting' && !this.#isHeldTooLong(frame)) return undefined
      this.#jobs.shift()
      if (job.state !== 'waiting') return job
      job.isOvertaken = true
    }
    return undefined
  }

  #isHeldTooLong(frame: number): boolean {
    this.#prune()
    const longest = this.#ready.peek()
    return longest !== undefined && frame - longest.readyIn >= this.#maxHoldFrames
  }

  /** Of those that got ready only the ones that are held count. */
  #prune(): void {
    for (let job = this.#ready.peek(); job !== undefined; job = this.#ready.peek()) {
      if (job.state === 'ready' && !job.isReleased) return
      this.#ready.shift()
    }
  }
}
