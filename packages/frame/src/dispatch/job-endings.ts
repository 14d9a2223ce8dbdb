import type { Gate } from '@millrace/kernel/admit/gate'
import { MillraceError } from '@millrace/kernel/errors'
import type { Signal } from '@millrace/kernel/signal'
import { tell } from '@millrace/kernel/tell'
import type { JobId } from '../batch-job.ts'
import type { JobDrop, JobFailure, SystemSuspension } from '../controller-events.ts'
import type { JobLanes } from '../queue/job-lanes.ts'
import type { FrameState } from '../system/frame-state.ts'
import type { RegisteredSystem } from '../system/registered-system.ts'
import type { SystemColumns } from '../system/system-columns.ts'
import { OpenJob } from './open-job.ts'

/** What job endings are told to, and who counts them. */
export interface JobEndingsOptions {
  readonly lanes: JobLanes
  readonly columns: SystemColumns
  readonly maxFailures: number
  readonly jobFailed: Signal<JobFailure>
  readonly systemSuspended: Signal<SystemSuspension>
  readonly jobDropped: Signal<JobDrop>
  readonly state: FrameState
  /** Holds the submitted jobs that are open. */
  readonly gate: Gate<undefined>
}

/**
 * Ends jobs, each exactly once: whoever takes a job out of the lanes ends it, and one that is not there is over.
 */
export class JobEndings {
  processed = 0
  /** The same, by lane. */
  readonly processedIn: Float64Array
  /** Throws and rejections; and jobs that were over with one. */
  failures = 0
  failed = 0
  cancelled = 0
  dropped = 0
  readonly #options: JobEndingsOptions
  readonly #lanes: JobLanes
  readonly #columns: SystemColumns
  readonly #state: FrameState
  readonly #gate: Gate<undefined>

  constructor(options: JobEndingsOptions) {
    this.#options = options
    this.#lanes = options.lanes
    this.#columns = options.columns
    this.#state = options.state
    this.#gate = options.gate
    this.processedIn = new Float64Array(options.lanes.count)
  }

  /** A job has its output. */
  done(jobId: JobId, system: RegisteredSystem, output: unknown): void {
    const slot = this.#lanes.find(jobId)
    if (slot < 0) return
    const payload = this.#lanes.payload(slot)
    this.#finish(slot, system.index)
    if (!(payload instanceof OpenJob)) return
    payload.unlisten?.()
    payload.caller?.resolve(output)
  }

  /**
   * The same for a job without an output, of which nothing but its input is known.
   * PERF: no object of the system is looked at; bench/frame/overhead.bench.ts.
   */
  doneSilently(jobId: JobId, index: number): void {
    const slot = this.#lanes.find(jobId)
    if (slot >= 0) this.#finish(slot, index)
  }

  /** A turn is a job of its own, and over when it is granted. */
  turned(slot: number, system: RegisteredSystem): void {
    this.#lanes.remove(slot)
    this.processed++
    this.processedIn[system.lane]!++
  }

  #finish(slot: number, index: number): void {
    const columns = this.#columns
    const lane = columns.lane[index]!
    if (columns.failuresInRow[index] !== 0) columns.failuresInRow[index] = 0
    if (columns.isPerpetual(index)) this.#lanes.park(slot, lane, this.#state.index)
    else {
      this.#lanes.remove(slot)
      if (columns.isRecurring(index)) columns.setPending(index, false)
      else this.#gate.release(undefined)
    }
    this.processed++
    this.processedIn[lane]!++
  }

  /**
   * A job threw: it is tried again in the next frame, until it has thrown too often, or its system has without a success between;
   * then the job is over, and in the second case its system is suspended.
   */
  threw(jobId: JobId, system: RegisteredSystem, error: unknown): void {
    const slot = this.#lanes.find(jobId)
    if (slot < 0) return
    const { maxFailures } = this.#options
    const payload = this.#lanes.payload(slot)
    const aborted = payload instanceof OpenJob && payload.signal?.aborted === true
    const throws = this.#lanes.countThrow(slot)
    const failuresInRow = system.failuresInRow + 1
    const willRetry = Math.max(throws, failuresInRow) < maxFailures && !system.removed && !aborted
    if (willRetry) {
      if (payload instanceof OpenJob) payload.restart()
      this.#lanes.returnNextFrame(slot)
    } else {
      this.failed++
      this.#take(slot, system)
      if (payload instanceof OpenJob) payload.caller?.reject(error)
    }
    this.#countFailure(jobId, system, error, willRetry)
  }

  #countFailure(jobId: JobId, system: RegisteredSystem, error: unknown, willRetry: boolean): void {
    const { maxFailures, jobFailed, systemSuspended } = this.#options
    this.failures++
    system.failures++
    const failuresInRow = ++system.failuresInRow
    const suspends = failuresInRow >= maxFailures && !system.suspended && !system.removed
    if (suspends) system.suspended = true
    if (jobFailed.size > 0) tell(jobFailed, { systemId: system.id, jobId, error, failuresInRow, willRetry })
    if (suspends) tell(systemSuspended, { systemId: system.id, error, failuresInRow })
  }

  /** Takes a job that is not running out of the queue, for whoever waits for it the `reason`, if there is one. */
  cancel(slot: number, system: RegisteredSystem, reason?: unknown): void {
    this.cancelled++
    const jobId = this.#lanes.handleOf(slot)
    this.#abandon(slot, system, reason ?? (system.removed ? unregistered(system) : cancelled(system, jobId)))
  }

  /** Cancels a job whose step has ended, if its system was taken out or its signal has aborted meanwhile. */
  cancelLate(jobId: JobId, system: RegisteredSystem): void {
    const slot = this.#lanes.find(jobId)
    if (slot < 0) return
    const payload = this.#lanes.payload(slot)
    const signal = payload instanceof OpenJob ? payload.signal : undefined
    if (system.removed) this.cancel(slot, system)
    else if (signal?.aborted) this.cancel(slot, system, signal.reason)
  }

  /** A full queue drops a job for another. */
  drop(slot: number, system: RegisteredSystem): void {
    const jobId = this.#lanes.handleOf(slot)
    this.dropped++
    const reason = new MillraceError(
      'JOB_DROPPED',
      `${system.id.name}: job ${jobId} was dropped from a full queue; raise maxQueuedJobs, or submit less`,
      { detail: { system: system.id.name, jobId } },
    )
    this.#abandon(slot, system, reason)
    tell(this.#options.jobDropped, { systemId: system.id, jobId })
  }

  /** Gives up a job whose promise has not settled: whatever it still does is not heard. */
  giveUp(slot: number, system: RegisteredSystem, frames: number): void {
    const jobId = this.#lanes.handleOf(slot)
    const error = new MillraceError(
      'JOB_STALLED',
      `${system.id.name}: the promise of job ${jobId} did not settle within ${frames} frames and was given up; ` +
        'let it settle, or raise maxAsyncFrames',
      { detail: { system: system.id.name, jobId, frames } },
    )
    this.failed++
    this.#abandon(slot, system, error)
    this.#countFailure(jobId, system, error, false)
  }

  #abandon(slot: number, system: RegisteredSystem, reason: unknown): void {
    const jobId = this.#lanes.handleOf(slot)
    const payload = this.#take(slot, system)
    if (!(payload instanceof OpenJob)) return
    payload.caller?.reject(reason)
    try {
      // What has `next` need not have `return`; and a `finally` that yields cannot be helped any more.
      payload.steps?.return?.(undefined)
    } catch (error) {
      this.failures++
      system.failures++
      const { failuresInRow } = system
      tell(this.#options.jobFailed, { systemId: system.id, jobId, error, failuresInRow, willRetry: false })
    }
  }

  #take(slot: number, system: RegisteredSystem): unknown {
    const payload = this.#lanes.payload(slot)
    this.#lanes.remove(slot)
    if (payload instanceof OpenJob) {
      payload.unlisten?.()
      if (payload.turn !== undefined) {
        payload.turn.refuse(unregistered(system))
        return payload
      }
    }
    if (system.recurring) system.pending = false
    else this.#gate.release(undefined)
    return payload
  }
}

export function unregistered(system: RegisteredSystem): MillraceError {
  const { name } = system.id
  return new MillraceError(
    'SYSTEM_UNREGISTERED',
    `${name} was unregistered, and its jobs are cancelled; register it again`,
    {
      detail: { system: name },
    },
  )
}

function cancelled(system: RegisteredSystem, jobId: JobId): MillraceError {
  return new MillraceError(
    'JOB_CANCELLED',
    `${system.id.name}: job ${jobId} was cancelled; submit it again if it is still wanted`,
    {
      detail: { system: system.id.name, jobId },
    },
  )
}
