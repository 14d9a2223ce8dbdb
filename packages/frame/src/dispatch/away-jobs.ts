import type { Budget } from '@millrace/kernel/execute/budget'
import type { AnyExecutor } from '../frame-options.ts'
import { type JobLanes, NONE } from '../queue/job-lanes.ts'
import { TaskCall } from '../remote/task-call.ts'
import type { RegisteredSystem } from '../system/registered-system.ts'
import type { JobEndings } from './job-endings.ts'
import { OpenJob, type Steps } from './open-job.ts'

/** Tasks given to an executor for each that it can run at once: it never waits for a frame, and little is out of our hands. */
const TASKS_PER_WIDTH = 2

/** Frames count for at least so many ms here: where nothing limits them, 600 are over before a thread has started. */
const LEAST_FRAME_MS = 1000 / 144

export interface AwayJobsOptions {
  readonly lanes: JobLanes
  readonly endings: JobEndings
  readonly budget: Budget
  readonly systems: readonly (RegisteredSystem | undefined)[]
  /** By lane. */
  readonly executors: readonly (AnyExecutor | undefined)[]
  readonly maxAsyncFrames: number
}

/**
 * Jobs that are not over when their call returns: those that yielded, that wait for a promise, or that an executor has.
 *
 * A promise that settles after its job was cancelled or given up is not heard: its job is not found any more.
 */
export class AwayJobs {
  readonly #options: AwayJobsOptions
  readonly #lanes: JobLanes
  readonly #endings: JobEndings
  /** Tasks that executors have, and how many of them, by lane. */
  readonly #calls = new Set<TaskCall>()
  readonly #handed: Int32Array
  #frame = 0

  constructor(options: AwayJobsOptions) {
    this.#options = options
    this.#lanes = options.lanes
    this.#endings = options.endings
    this.#handed = new Int32Array(options.lanes.count)
  }

  /** Frame `frame` begins: gives up what has been waited for too long, and ends the tasks that nobody waits for any more. */
  begin(frame: number): void {
    this.#frame = frame
    const { maxAsyncFrames, systems, budget } = this.#options
    for (let slot = this.#lanes.firstAway(); slot !== NONE; slot = this.#lanes.firstAway()) {
      const ms = budget.readAt - this.#lanes.queuedAt(slot)
      if (this.#lanes.waited(slot, frame) < maxAsyncFrames - 1 || ms < (maxAsyncFrames - 1) * LEAST_FRAME_MS) break
      this.#endings.giveUp(slot, systems[this.#lanes.systemOf(slot)]!, maxAsyncFrames)
    }
    for (const call of this.#calls) {
      if (this.#lanes.find(call.jobId) !== NONE) continue
      this.#end(call)
      call.abort()
    }
  }

  /** A job's run returned a generator: it is resumed from its place in the lane. */
  keepSteps(jobId: number, system: RegisteredSystem, steps: Steps): void {
    const slot = this.#lanes.find(jobId)
    const job = this.#open(slot)
    job.steps = steps
    job.steppingSince = this.#frame
    system.hasStepsNow()
  }

  /** A job's run returned a promise: the job is over when it settles. */
  awaitOutput(jobId: number, system: RegisteredSystem, output: PromiseLike<unknown>): void {
    system.isAsync = true
    this.#sendAway(jobId)
    // A native promise settles once, and never before this returns, whatever it was made of.
    Promise.resolve(output).then(
      (value) => this.#endings.done(jobId, system, value),
      (error: unknown) => this.#endings.threw(jobId, system, error),
    )
  }

  /** Whether the executor of `lane` has as much as it should. */
  isFull(lane: number): boolean {
    const executor = this.#options.executors[lane]
    return executor !== undefined && this.#handed[lane]! >= executor.width * TASKS_PER_WIDTH
  }

  /**
   * Gives a remote system's job to its lane's executor; the answer comes to the front of the lane. A job that is cancelled or
   * given up makes room for another: the executor is told with the next frame, and what it still answers is not heard.
   */
  handOver(jobId: number, system: RegisteredSystem): void {
    const { definition, lane } = system
    const job = this.#open(this.#lanes.find(jobId))
    const prepare = definition.prepare as ((frame: typeof system.frame, input: unknown) => unknown) | undefined
    const input = prepare === undefined ? job.input : prepare(system.frame, job.input)
    const call = new TaskCall(jobId, lane)
    const { signal } = call
    const answer = this.#options.executors[lane]!.run(definition.task!, input as never, { signal })
    this.#calls.add(call)
    this.#handed[lane]!++
    this.#sendAway(jobId)
    Promise.resolve(answer).then(
      (result: unknown) => {
        const slot = this.#lanes.find(jobId)
        if (!this.#end(call) || slot === NONE) return
        job.answer = { result }
        this.#lanes.setQueuedIn(slot, this.#frame)
        this.#lanes.returnNextFrame(slot)
      },
      (error: unknown) => {
        if (this.#end(call)) this.#endings.threw(jobId, system, error)
      },
    )
    // What a user's `prepare` does may have taken the system out, or aborted the job's signal.
    this.#endings.cancelLate(jobId, system)
  }

  #sendAway(jobId: number): void {
    this.#lanes.sendAway(this.#lanes.find(jobId), this.#frame)
  }

  /** Returns false when the call has ended before. */
  #end(call: TaskCall): boolean {
    if (!this.#calls.delete(call)) return false
    this.#handed[call.lane]!--
    return true
  }

  #open(slot: number): OpenJob {
    const payload = this.#lanes.payload(slot)
    if (payload instanceof OpenJob) return payload
    const job = new OpenJob(payload)
    this.#lanes.setPayload(slot, job)
    return job
  }
}
