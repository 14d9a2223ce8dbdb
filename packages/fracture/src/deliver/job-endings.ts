import type { Gate } from '@millrace/kernel/admit/gate'
import { MillraceError } from '@millrace/kernel/errors'
import { Ring } from '@millrace/kernel/queue/ring'
import { Signal } from '@millrace/kernel/signal'
import { tell } from '@millrace/kernel/tell'
import type { Job, JobId } from '../queue/job.ts'
import { FractureResult } from '../result/fracture-result.ts'
import type { JobCancellation, JobCompletion, JobFailure } from './processor-events.ts'

/** The books: what was accepted is completed, failed, cancelled or pending. */
export interface JobCounts {
  readonly accepted: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
}

/** All jobs that have not ended, and how each of them ends: once. */
export class JobEndings {
  readonly jobCompleted = new Signal<JobCompletion>()
  readonly jobFailed = new Signal<JobFailure>()
  readonly jobCancelled = new Signal<JobCancellation>()
  readonly #gate: Gate<undefined>
  readonly #jobs = new Map<JobId, Job>()
  /** Those that are over, and of which the listeners are to hear. */
  readonly #untold = new Ring<JobCancellation>()
  #accepted = 0
  #completed = 0
  #failed = 0
  #cancelled = 0

  constructor(gate: Gate<undefined>) {
    this.#gate = gate
  }

  get counts(): JobCounts {
    return { accepted: this.#accepted, completed: this.#completed, failed: this.#failed, cancelled: this.#cancelled }
  }

  /** Jobs that have not ended. */
  get pending(): number {
    return this.#jobs.size
  }

  /** Jobs that were cancelled, and of which the listeners have not heard. */
  get untold(): number {
    return this.#untold.size
  }

  /** Whether there is something of which nobody has heard. */
  get isDue(): boolean {
    return this.#jobs.size > 0 || this.#untold.size > 0
  }

  /** The jobs that have not ended, first the one that came first. */
  get jobs(): Iterable<Job> {
    return this.#jobs.values()
  }

  accept(job: Job): void {
    this.#accepted++
    this.#jobs.set(job.id, job)
  }

  find(id: JobId): Job | undefined {
    return this.#jobs.get(id)
  }

  /** Delivers how a job that is ready has ended. */
  deliver(job: Job): void {
    const { packed } = job
    if (packed === undefined) this.fail(job, job.error)
    else this.#complete(job, new FractureResult(packed, job.transform))
  }

  fail(job: Job, error: unknown): void {
    this.#end(job)
    this.#fail(job, error)
  }

  /** Its caller hears at once, the listeners with the next frame. */
  cancel(job: Job, reason: unknown = cancelledError(job)): void {
    this.#end(job)
    this.#cancelled++
    if (!job.isSilent) this.#untold.push({ jobId: job.id, reason })
    job.caller?.cancelled(reason)
  }

  /** Tells the listeners of what was cancelled, at most so many. */
  tellCancelled(most: number): void {
    if (this.jobCancelled.size === 0) this.#untold.clear()
    for (let left = Math.min(most, this.#untold.size); left > 0; left--) {
      const cancellation = this.#untold.shift()
      if (cancellation !== undefined) tell(this.jobCancelled, cancellation)
    }
  }

  #complete(job: Job, result: FractureResult): void {
    this.#end(job)
    try {
      job.caller?.completed(result)
    } catch (error) {
      this.#fail(job, error)
      return
    }
    this.#completed++
    if (!job.isSilent && this.jobCompleted.size > 0) tell(this.jobCompleted, { jobId: job.id, result })
  }

  #fail(job: Job, error: unknown): void {
    this.#failed++
    job.caller?.failed(error)
    if (!job.isSilent && this.jobFailed.size > 0) tell(this.jobFailed, { jobId: job.id, error })
  }

  /** From here on it is over: who hears of it may do anything. */
  #end(job: Job): void {
    job.state = 'over'
    // Lines may keep it for a while, but not what it was, and was fractured into.
    job.polygon = undefined
    job.packed = undefined
    this.#jobs.delete(job.id)
    if (job.isGated) this.#gate.release(undefined)
    job.unlisten?.()
  }
}

function cancelledError({ id }: Job): MillraceError {
  return new MillraceError('JOB_CANCELLED', `fracture: job ${id} was cancelled by cancelJob()`, {
    detail: { jobId: id },
  })
}
