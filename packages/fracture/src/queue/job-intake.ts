import type { Gate } from '@millrace/kernel/admit/gate'
import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkObject, show } from '@millrace/kernel/options'
import type { WhenFull } from '../batch-options.ts'
import { type CheckedParams, type CutParams, cutParamsOf } from '../patterns/check-params.ts'
import type { FractureParams } from '../patterns/fracture-params.ts'
import type { Polygon, PolygonInput, Transform } from '../polygon/polygon.ts'
import { readPolygon } from '../polygon/read-polygon.ts'
import { DropLine } from './drop-line.ts'
import { Job, type JobCaller, type JobId } from './job.ts'

/** Priorities: 0 to 10, and below them what is fractured ahead of time. */
const MOST_URGENT = 10
export const LANES = MOST_URGENT + 2

/** How one fracture is ordered. */
export interface SubmitOptions {
  /** 0 to 10, as in the specification: the greater, the more urgent. @default 5 */
  readonly priority?: number | undefined
  /** Cancels the job with the signal's reason, wherever it is. */
  readonly signal?: AbortSignal | undefined
}

type GivenParams = FractureParams | CheckedParams | undefined

export interface JobIntakeOptions {
  /** Holds as many jobs as may be pending. */
  readonly gate: Gate<undefined>
  readonly maxQueued: number
  readonly whenFull: WhenFull
  /** A job was accepted. */
  readonly onJob: (job: Job, polygon: Polygon, params: CutParams) => void
  /** A job was accepted of which there is nothing to cut. */
  readonly onRefused: (job: Job, error: unknown) => void
  /** A job that waits was dropped. */
  readonly onDrop: (job: Job, error: MillraceError) => void
  readonly cancel: (job: Job, reason: unknown) => void
}

/** The way in: reads polygons, checks parameters, and takes as many jobs as there is room for. */
export class JobIntake {
  readonly #options: JobIntakeOptions
  readonly #dropLine: DropLine | undefined
  #nextId = 1
  #closed = false

  constructor(options: JobIntakeOptions) {
    this.#options = options
    if (options.whenFull !== 'reject') this.#dropLine = new DropLine(LANES, options.whenFull === 'drop-lowest')
  }

  /** How many jobs there is room for. */
  get room(): number {
    return this.#options.maxQueued - this.#options.gate.items
  }

  /** @throws {MillraceError} `PROCESSOR_CLOSED`. */
  checkOpen(): void {
    if (this.#closed) throw closedError('submit before close()')
  }

  close(): void {
    this.#closed = true
  }

  /** A number that no other job or batch has. */
  takeId(): JobId {
    return this.#nextId++
  }

  /** @throws {MillraceError} `OPTION_INVALID`; or the signal's reason. */
  checkOptions(options: SubmitOptions): void {
    laneOf(options)
    checkSignal(options.signal)?.throwIfAborted()
  }

  /** @throws {MillraceError} `GATE_FULL` when so many do not fit, and none is to be dropped for them. */
  checkRoom(jobs: number): void {
    if (this.#dropLine === undefined && jobs > this.room) throw fullError(this.#options.maxQueued, jobs)
  }

  /**
   * Takes a job.
   * @throws {MillraceError} `POLYGON_INVALID`, `OPTION_INVALID`, `GATE_FULL`; or the signal's reason.
   */
  take(input: PolygonInput, params: GivenParams, options: SubmitOptions = {}, caller?: JobCaller): Job {
    return this.#take(input, params, laneOf(options), options.signal, caller, false)
  }

  /** The same; what cannot be read is a job that fails. */
  takeAnyhow(input: PolygonInput, params: GivenParams, options: SubmitOptions = {}, caller: JobCaller): void {
    const lane = laneOf(options)
    const { gate, onRefused } = this.#options
    try {
      this.#take(input, params, lane, options.signal, caller, false)
    } catch (error) {
      const job = new Job(this.takeId(), lane, undefined, caller, false)
      job.isGated = gate.tryAdmit(undefined)
      onRefused(job, error)
    }
  }

  /** The same for one of which only its caller hears, and which all others overtake. */
  takeSilent(input: PolygonInput, params: GivenParams, signal: AbortSignal | undefined, caller: JobCaller): Job {
    return this.#take(input, params, LANES - 1, signal, caller, true)
  }

  #take(
    input: PolygonInput,
    givenParams: GivenParams,
    lane: number,
    signal: AbortSignal | undefined,
    caller: JobCaller | undefined,
    isSilent: boolean,
  ): Job {
    checkSignal(signal)?.throwIfAborted()
    const params = cutParamsOf(givenParams)
    const polygon = readPolygon(input)
    if (!this.#options.gate.tryAdmit(undefined)) this.#makeRoom(lane)
    const job = new Job(this.takeId(), lane, transformOf(input), caller, isSilent)
    if (signal !== undefined) this.#listen(job, signal)
    this.#options.onJob(job, polygon, params)
    this.#dropLine?.push(job)
    return job
  }

  #listen(job: Job, signal: AbortSignal): void {
    const abort = () => this.#options.cancel(job, signal.reason)
    signal.addEventListener('abort', abort)
    job.unlisten = () => signal.removeEventListener('abort', abort)
  }

  #makeRoom(lane: number): void {
    const { gate, maxQueued, onDrop } = this.#options
    const victim = this.#dropLine?.shift(lane)
    if (victim === undefined) throw fullError(maxQueued, 1)
    victim.isGated = false
    gate.release(undefined)
    gate.tryAdmit(undefined)
    onDrop(victim, droppedError(victim, maxQueued))
  }
}

function laneOf(options: SubmitOptions): number {
  const { priority = 5 } = checkObject('fracture', 'options', options)
  return MOST_URGENT - checkInteger('fracture', 'priority', priority, { min: 0, max: MOST_URGENT })
}

function fullError(maxQueued: number, jobs: number): MillraceError {
  return new MillraceError(
    'GATE_FULL',
    `fracture: no room for ${jobs} more, ${maxQueued} jobs may be under way; submit less, raise maxQueued, choose whenFull, or take a stream`,
    { detail: { maxQueued, jobs } },
  )
}

/** What of a processor that is closed is told. */
export function closedError(advice: string): MillraceError {
  return new MillraceError('PROCESSOR_CLOSED', `fracture: the processor is closed; ${advice}`)
}

function droppedError({ id }: Job, maxQueued: number): MillraceError {
  return new MillraceError(
    'JOB_DROPPED',
    `fracture: job ${id} was dropped for another, as ${maxQueued} were not over; submit less, raise maxQueued, or choose another whenFull`,
    { detail: { jobId: id, maxQueued } },
  )
}

function transformOf(input: PolygonInput): Transform | undefined {
  return 'outer' in input ? input.transform : undefined
}

function checkSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || typeof signal?.throwIfAborted === 'function') return signal
  throw new MillraceError(
    'OPTION_INVALID',
    `fracture: signal must be an AbortSignal, such as controller.signal, not ${show(signal)}`,
    { detail: { owner: 'fracture', option: 'signal', value: signal } },
  )
}
