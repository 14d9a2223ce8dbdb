import type { Gate } from '@millrace/kernel/admit/gate'
import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import type { JobId } from '../batch-job.ts'
import type { JobEndings } from '../dispatch/job-endings.ts'
import { type Caller, OpenJob, type Turn } from '../dispatch/open-job.ts'
import type { FrameState } from '../system/frame-state.ts'
import type { RegisteredSystem } from '../system/registered-system.ts'
import { type JobLanes, NONE } from './job-lanes.ts'

/** How one job is submitted. */
export interface SubmitOptions {
  /** Cancels the job while it waits, is between two steps, or waits for a promise. */
  readonly signal?: AbortSignal | undefined
}

export interface JobIntakeOptions {
  readonly lanes: JobLanes
  readonly endings: JobEndings
  readonly systems: readonly (RegisteredSystem | undefined)[]
  /** The lanes by urgency, the most urgent first: a live view. */
  readonly order: Int32Array
  /** Holds as many submitted jobs as may be open. */
  readonly gate: Gate<undefined>
  readonly maxQueuedJobs: number
  readonly whenFull: 'reject' | 'drop-oldest' | 'drop-lowest'
  readonly state: FrameState
  /** The job whose step is running, or `NONE`. */
  readonly running: () => number
}

/** The way into the lanes, and, for who changes their mind, out of them. */
export class JobIntake {
  queued = 0
  readonly #options: JobIntakeOptions
  readonly #gate: Gate<undefined>
  readonly #lanes: JobLanes
  readonly #state: FrameState
  #closed = false

  constructor(options: JobIntakeOptions) {
    this.#options = options
    this.#gate = options.gate
    this.#lanes = options.lanes
    this.#state = options.state
  }

  /** Submitted jobs that are not over. */
  get open(): number {
    return this.#gate.items
  }

  /** Room for one more submitted job. */
  get hasRoom(): boolean {
    return this.#gate.items < this.#options.maxQueuedJobs
  }

  close(): void {
    this.#closed = true
  }

  /** Queues the job of a recurring system, for which there is always room. */
  recur(system: number, lane: number, frame: number): void {
    this.queued++
    this.#options.lanes.push(lane, system, frame - 1, undefined)
  }

  /** Queues the turn that an async system awaits. */
  turn(system: RegisteredSystem, turn: Turn): void {
    const { lanes, state } = this.#options
    this.queued++
    lanes.push(system.lane, system.index, state.index, new OpenJob(undefined, undefined, turn))
  }

  /** Queues the job of a system that has none by itself. PERF: the usual way through is short; bench/frame/overhead.bench.ts. */
  submit(system: RegisteredSystem, input: unknown, signal: AbortSignal | undefined, caller?: Caller): JobId {
    if (this.#closed || system.recurring) this.#refuse(system)
    if (signal !== undefined || caller !== undefined) return this.#submitOpen(system, input, signal, caller)
    if (!this.#gate.tryAdmit(undefined)) this.#makeRoom(system)
    return this.#push(system, input)
  }

  #submitOpen(system: RegisteredSystem, input: unknown, signal?: AbortSignal, caller?: Caller): JobId {
    checkSignal(signal)
    signal?.throwIfAborted()
    if (!this.#gate.tryAdmit(undefined)) this.#makeRoom(system)
    const job = new OpenJob(input, caller)
    const jobId = this.#push(system, job)
    if (signal === undefined) return jobId
    const abort = () => this.cancel(jobId, signal.reason)
    job.signal = signal
    signal.addEventListener('abort', abort)
    job.unlisten = () => signal.removeEventListener('abort', abort)
    return jobId
  }

  #push(system: RegisteredSystem, payload: unknown): JobId {
    const lanes = this.#lanes
    this.queued++
    return lanes.handleOf(lanes.push(system.lane, system.index, this.#state.index, payload))
  }

  /** Returns false when the job is over, or its step is running. */
  cancel(jobId: JobId, reason?: unknown): boolean {
    const { lanes, endings, systems, running } = this.#options
    // Of what is no number the lanes cannot be asked.
    const slot = typeof jobId === 'number' ? lanes.find(jobId) : NONE
    if (slot < 0 || jobId === running() || lanes.isParked(slot)) return false
    const payload = lanes.payload(slot)
    if (payload instanceof OpenJob && payload.turn !== undefined) return false
    const system = systems[lanes.systemOf(slot)]
    // It is being unregistered: so is its job.
    if (system === undefined) return false
    endings.cancel(slot, system, reason)
    return true
  }

  #refuse(system: RegisteredSystem): never {
    if (this.#closed) {
      throw new MillraceError(
        'CONTROLLER_CLOSED',
        `BatchController: closed, ${system.id.name} takes no more jobs; submit before close()`,
      )
    }
    throw new MillraceError(
      'SYSTEM_RECURRING',
      `BatchController: ${system.id.name} has a job every frame by itself; register it with recurring: false to submit jobs`,
      { detail: { system: system.id.name } },
    )
  }

  /** The gate is full: drops another job for this one, or refuses it. */
  #makeRoom(system: RegisteredSystem): void {
    const { endings, lanes, systems, whenFull, maxQueuedJobs } = this.#options
    const slot = whenFull === 'reject' ? NONE : whenFull === 'drop-oldest' ? this.#oldest() : this.#lowest(system.lane)
    if (slot >= 0) endings.drop(slot, systems[lanes.systemOf(slot)]!)
    if (slot >= 0 && this.#gate.tryAdmit(undefined)) return
    throw new MillraceError(
      'GATE_FULL',
      `BatchController: ${maxQueuedJobs} jobs wait, no room for one of ${system.id.name}; ` +
        'submit less, raise maxQueuedJobs, or choose whenFull',
      { detail: { system: system.id.name, maxQueuedJobs } },
    )
  }

  /** The submitted job that has waited longest, of all that have not begun. O(lanes), and the recurring jobs before it. */
  #oldest(): number {
    let oldest = NONE
    for (const lane of this.#options.order) {
      const slot = this.#firstSubmitted(lane)
      if (slot < 0) continue
      if (oldest === NONE || this.#options.lanes.handleOf(slot) < this.#options.lanes.handleOf(oldest)) oldest = slot
    }
    return oldest
  }

  /** The oldest submitted job of the least urgent lane; none when all are more urgent than `lane`. */
  #lowest(lane: number): number {
    const { order } = this.#options
    for (let place = order.length - 1; place >= 0; place--) {
      const slot = this.#firstSubmitted(order[place]!)
      if (slot >= 0) return slot
      if (order[place] === lane) return NONE
    }
    return NONE
  }

  #firstSubmitted(lane: number): number {
    const { lanes, systems, running } = this.#options
    for (let slot = lanes.first(lane); slot >= 0; slot = lanes.next(slot)) {
      const payload = lanes.payload(slot)
      const begun = payload instanceof OpenJob && (payload.turn ?? payload.steps ?? payload.answer) !== undefined
      const system = systems[lanes.systemOf(slot)]
      // Of a system that is being unregistered there may still be some.
      if (system?.recurring === false && !begun && lanes.handleOf(slot) !== running()) return slot
    }
    return NONE
  }
}

function checkSignal(signal: unknown): void {
  if (signal === undefined) return
  if (typeof signal === 'object' && signal !== null && 'throwIfAborted' in signal && 'addEventListener' in signal)
    return
  throw new MillraceError(
    'OPTION_INVALID',
    `submit: signal must be an AbortSignal, such as controller.signal, not ${show(signal)}`,
    {
      detail: { owner: 'submit', option: 'signal', value: signal },
    },
  )
}
