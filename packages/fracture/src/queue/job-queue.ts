import { Lanes } from '@millrace/kernel/queue/lanes'
import type { Job } from './job.ts'

export interface JobQueueOptions {
  readonly lanes: number
  /** Wait after which a job counts as one lane more urgent, in ms. */
  readonly ageMs: number
}

/**
 * The jobs that wait to be cut: first in, first out within a lane, the more urgent lane first, and who waits rises.
 *
 * Those that will take long stand in a line of their own, so that where no more of them may begin the others pass.
 */
export class JobQueue {
  readonly #ageMs: number
  readonly #light: Lanes<Job>
  readonly #heavy: Lanes<Job>
  #serial = 0

  constructor(options: JobQueueOptions) {
    this.#ageMs = options.ageMs
    this.#light = new Lanes(options)
    this.#heavy = new Lanes(options)
  }

  get size(): number {
    return this.#light.size + this.#heavy.size
  }

  push(job: Job, now: number): void {
    job.rank = now + job.lane * this.#ageMs
    job.serial = this.#serial++
    job.place = this.#lineOf(job).push(job, job.lane, now)
  }

  /** Takes out a job that waits here. O(1). */
  remove(job: Job): void {
    this.#lineOf(job).cancel(job.place)
    job.place = -1
  }

  /** The job whose turn it is, of those that may begin, left in its place. O(lanes). */
  peek(mayBeLight = true, mayBeHeavy = true): Job | undefined {
    const light = mayBeLight ? this.#light.peek() : undefined
    const heavy = mayBeHeavy ? this.#heavy.peek() : undefined
    if (light === undefined || heavy === undefined) return light ?? heavy
    const order = light.rank - heavy.rank || light.serial - heavy.serial
    return order < 0 ? light : heavy
  }

  #lineOf({ isHeavy }: Job): Lanes<Job> {
    return isHeavy ? this.#heavy : this.#light
  }
}
