import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import { SystemModel } from '../learn/system-model.ts'
import type { AnyRun, SystemColumns } from './system-columns.ts'
import type { SystemFrame } from './system-frame.ts'
import type { SystemId } from './system-id.ts'

/** A definition of any kind, its types forgotten. */
export interface AnySystem {
  readonly name?: string
  readonly type: string
  readonly cost: number
  readonly run: (frame: SystemFrame, input: never) => unknown
  readonly recurring?: boolean
  readonly everyFrames?: number
  readonly feature?: (input: never) => number
  readonly value?: number
  readonly decode?: (bytes: Uint8Array) => unknown
  readonly task?: string
  readonly prepare?: (frame: SystemFrame, input: never) => unknown
}

/** Jobs of at most so many ms are small: several are timed together. */
const SMALL_MS = 0.005
/** Samples before a system's jobs may be taken for small, or its steps run several at a time. */
const KNOWN_AFTER = 8

/** A system and all that its controller knows of it; what is needed for every job lies in the columns. */
export class RegisteredSystem {
  readonly id: SystemId<never>
  readonly index: number
  readonly definition: AnySystem
  readonly run: AnyRun
  /** What its runs are given. */
  readonly frame: SystemFrame
  readonly recurring: boolean
  /** Whether an executor does its work. */
  readonly isRemote: boolean
  readonly value: number
  readonly weightCost: number
  /** Its name in the trace. */
  readonly traceName: number
  removed = false
  /** Whether its runs return promises: known from the first on, or from the function's kind. */
  isAsync: boolean
  failures = 0
  readonly #columns: SystemColumns
  readonly #priorMs: number
  readonly #tickMs: number
  readonly #model: SystemModel
  /** Of one step, once it turned out to have steps; of what comes after a turn; of handing work to an executor. */
  #steps: SystemModel | undefined
  #turns: SystemModel | undefined
  #handing: SystemModel | undefined
  /** The feature of the job at hand. */
  #feature = 0

  constructor(
    definition: AnySystem,
    columns: SystemColumns,
    options: {
      readonly id: SystemId<never>
      readonly frame: SystemFrame
      readonly lane: number
      readonly priorMs: number
      readonly tickMs: number
      readonly traceName: number
    },
  ) {
    const { id, frame, priorMs, tickMs } = options
    this.id = id
    this.definition = definition
    this.run = definition.run as AnyRun
    this.frame = frame
    this.recurring = definition.recurring ?? true
    this.isRemote = definition.task !== undefined
    this.isAsync = definition.run.constructor.name === 'AsyncFunction'
    this.value = definition.value ?? 1
    this.weightCost = definition.cost
    this.traceName = options.traceName
    this.#columns = columns
    this.#priorMs = priorMs
    this.#tickMs = tickMs
    this.#model = new SystemModel(priorMs, tickMs, definition.feature !== undefined)
    this.index = columns.add(this.run, frame)
    this.lane = options.lane
    columns.setRecurring(this.index, this.recurring, definition.everyFrames ?? 1)
    columns.setForetells(this.index, definition.feature !== undefined)
    this.#show(this.#model)
  }

  get lane(): number {
    return this.#columns.lane[this.index]!
  }

  set lane(lane: number) {
    this.#columns.lane[this.index] = lane
  }

  /** Of the job at hand: what it is believed to take, and what 95 of 100 keep to. */
  get expectedMs(): number {
    return this.#columns.expectedMs[this.index]!
  }

  get highMs(): number {
    return this.#columns.highMs[this.index]!
  }

  get suspended(): boolean {
    return this.#columns.isSuspended(this.index)
  }

  set suspended(suspended: boolean) {
    this.#columns.setSuspended(this.index, suspended)
  }

  set pending(pending: boolean) {
    this.#columns.setPending(this.index, pending)
  }

  get failuresInRow(): number {
    return this.#columns.failuresInRow[this.index]!
  }

  set failuresInRow(failures: number) {
    this.#columns.failuresInRow[this.index] = failures
  }

  get runs(): number {
    return this.#columns.runs[this.index]!
  }

  get lastRunIn(): number {
    return this.#columns.lastRunIn[this.index]!
  }

  /** Whether runs of it come in steps: known after the first. */
  get hasSteps(): boolean {
    return this.#steps !== undefined
  }

  /** Samples that its prediction stands on. */
  get samples(): number {
    return (this.#steps ?? this.#model).count
  }

  /** Whether that is enough to run several pieces for one look at the clock. */
  get isKnown(): boolean {
    return this.samples >= KNOWN_AFTER
  }

  /** Predicts a whole job, or a step, whichever is the next indivisible piece. */
  predict(input: unknown): void {
    if (this.#steps !== undefined) {
      this.#show(this.#steps)
      return
    }
    if (this.definition.feature !== undefined) {
      this.#feature = this.#featureOf(input)
      this.#model.predict(this.#feature)
    }
    this.#show(this.#model)
  }

  /** Predicts what follows a turn. */
  predictTurn(): void {
    this.#turns ??= this.#newModel()
    this.#columns.setForetells(this.index, true)
    this.#show(this.#turns)
  }

  /** Predicts handing a job to an executor. */
  predictHanding(): void {
    this.#handing ??= this.#newModel()
    this.#columns.setForetells(this.index, true)
    this.#show(this.#handing)
  }

  /** Learns that `jobs` took `ms` together. */
  observe(ms: number, jobs = 1): void {
    this.#model.observe(this.#feature, ms, jobs)
    this.#show(this.#model)
  }

  /** From now on predictions are of steps. */
  hasStepsNow(): void {
    this.#steps ??= this.#newModel()
    this.#show(this.#steps)
  }

  /** Learns that so many steps took `ms` together. */
  observeSteps(ms: number, steps: number): void {
    if (this.#steps === undefined) return
    this.#steps.observe(0, ms, steps)
    this.#show(this.#steps)
  }

  observeTurn(ms: number): void {
    this.#turns?.observe(0, ms)
  }

  observeHanding(ms: number): void {
    this.#handing?.observe(0, ms)
  }

  #newModel(): SystemModel {
    return new SystemModel(this.#priorMs, this.#tickMs, false)
  }

  #show(model: SystemModel): void {
    this.#columns.expectedMs[this.index] = model.expectedMs
    this.#columns.highMs[this.index] = model.highMs
    const whole = model === this.#model && !this.isRemote && !this.isAsync
    this.#columns.setSmall(this.index, whole && model.expectedMs <= SMALL_MS && model.count >= KNOWN_AFTER)
  }

  #featureOf(input: unknown): number {
    const feature = this.definition.feature as (input: unknown) => number
    const value = feature(input)
    if (typeof value === 'number' && value >= 0 && value <= Number.MAX_VALUE) return value
    throw new MillraceError(
      'FEATURE_INVALID',
      `${this.id.name}: feature() must return a finite number of at least 0, such as a count, not ${show(value)}`,
      { detail: { system: this.id.name, value } },
    )
  }
}
