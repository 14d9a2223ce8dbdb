import type { Clock } from '@millrace/kernel/clock'
import type { Budget } from '@millrace/kernel/execute/budget'
import type { AnyExecutor } from '../frame-options.ts'
import { type JobLanes, NONE } from '../queue/job-lanes.ts'
import type { RegisteredSystem } from '../system/registered-system.ts'
import type { JobEndings } from './job-endings.ts'
import { OpenJob } from './open-job.ts'

/** Tasks given to an executor for each that it can run at once: it never waits for a frame, and little is out of our hands. */
const TASKS_PER_WIDTH = 2

export interface AwayJobsOptions {
  readonly lanes: JobLanes
  readonly endings: JobEndings
  readonly budget: Budget
  readonly clock: Clock
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
  /** Tasks that executors have, by lane. */
  readonly #handed: Int32Array
  #frame = 0

  constructor(options: AwayJobsOptions) {
    this.#options = options
    this.#lanes = options.lanes
    this.#endings = options.endings
    this.#handed = new Int32Array(options.lanes.count)
  }

  /** Frame `frame` begins: gives up what has been waited for too long. */
  begin(frame: number): void {
    this.#frame = frame
    const { maxAsyncFrames, systems } = this.#options
    for (let slot = this.#lanes.firstAway(); slot !== NONE; slot = this.#lanes.firstAway()) {
      if (frame - this.#lanes.queuedIn(slot) < maxAsyncFrames) return
      this.#endings.giveUp(slot, systems[this.#lanes.systemOf(slot)]!, maxAsyncFrames)
    }
  }

  /** A job's run returned a generator: it is resumed from its place in the lane. */
  keepSteps(jobId: number, system: RegisteredSystem, steps: Generator<unknown, unknown, void>): void {
    const slot = this.#lanes.find(jobId)
    const job = this.#open(slot)
    job.steps = steps
    job.steppingSince = this.#frame
    system.hasStepsNow()
    this.#lanes.setQueuedIn(slot, this.#frame - 1)
  }

  /** A job's run returned a promise: the job is over when it settles. */
  awaitOutput(jobId: number, system: RegisteredSystem, output: PromiseLike<unknown>): void {
    this.#lanes.sendAway(this.#lanes.find(jobId), this.#frame)
    output.then(
      (value) => this.#endings.done(jobId, system, value),
      (error: unknown) => this.#endings.threw(jobId, system, error),
    )
  }

  /** Whether the executor of `lane` has as much as it should. */
  isFull(lane: number): boolean {
    const executor = this.#options.executors[lane]
    return executor !== undefined && this.#handed[lane]! >= executor.width * TASKS_PER_WIDTH
  }

  /** Gives a remote system's job to its lane's executor; the answer comes to the front of the lane. */
  handOver(jobId: number, system: RegisteredSystem): void {
    const { definition, lane } = system
    const job = this.#open(this.#lanes.find(jobId))
    const prepare = definition.prepare as ((frame: typeof system.frame, input: unknown) => unknown) | undefined
    const input = prepare === undefined ? job.input : prepare(system.frame, job.input)
    const answer = this.#options.executors[lane]!.run(definition.task!, input as never)
    this.#handed[lane]!++
    this.#lanes.sendAway(this.#lanes.find(jobId), this.#frame)
    answer.then(
      (result: unknown) => {
        this.#handed[lane]!--
        const slot = this.#lanes.find(jobId)
        if (slot === NONE) return
        job.answer = { result }
        this.#lanes.setQueuedIn(slot, this.#frame)
        this.#lanes.returnNextFrame(slot)
      },
      (error: unknown) => {
        this.#handed[lane]!--
        this.#endings.threw(jobId, system, error)
      },
    )
  }

  /**
   * Lets the rest of an async function run, as soon as this frame's call has returned to the host, and measures it between
   * two microtasks. What it takes beyond what was planned, later frames pay.
   */
  grant(turn: () => void, system: RegisteredSystem, plannedMs: number): void {
    const { clock, budget } = this.#options
    let from = 0
    queueMicrotask(() => {
      from = clock.now()
    })
    turn()
    queueMicrotask(() => {
      const ms = Math.max(0, clock.now() - from)
      system.observeTurn(ms)
      budget.charge(ms - plannedMs)
    })
  }

  #open(slot: number): OpenJob {
    const payload = this.#lanes.payload(slot)
    if (payload instanceof OpenJob) return payload
    const job = new OpenJob(payload)
    this.#lanes.setPayload(slot, job)
    return job
  }
}
