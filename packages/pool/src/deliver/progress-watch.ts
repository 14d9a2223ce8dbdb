import type { Clock, Timer } from '@millrace/kernel/clock'
import type { Job } from '../dispatch/job.ts'
import { callUser } from './call-user.ts'

/** How often callers hear of progress, in ms: some twenty times a second. */
const EVERY_MS = 50

/** Looks now and then how far tasks are, for those callers that want to hear of it, and tells them of what is new. */
export class ProgressWatch {
  readonly #clock: Clock
  readonly #progressOf: (job: Job) => number
  readonly #jobs = new Set<Job>()
  #timer: Timer | undefined

  constructor(clock: Clock, progressOf: (job: Job) => number) {
    this.#clock = clock
    this.#progressOf = progressOf
  }

  add(job: Job): void {
    this.#jobs.add(job)
    this.#timer ??= this.#clock.after(EVERY_MS, () => this.#look())
  }

  delete(job: Job): void {
    this.#jobs.delete(job)
    if (this.#jobs.size > 0) return
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #look(): void {
    this.#timer = this.#clock.after(EVERY_MS, () => this.#look())
    for (const job of this.#jobs) {
      const fraction = this.#progressOf(job)
      if (job.extras === undefined || fraction <= job.extras.progress) continue
      job.extras.progress = fraction
      const { onProgress } = job.extras
      if (onProgress !== undefined) callUser(() => onProgress(fraction))
    }
  }
}
