import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkNumber, show } from '@millrace/kernel/options'
import type { CheckedLane } from '../frame-options.ts'
import { type AnySystem, RegisteredSystem } from './registered-system.ts'
import { SystemColumns } from './system-columns.ts'
import type { SystemFrame } from './system-frame.ts'
import type { SystemId } from './system-id.ts'

/** A registered system as `BatchController.describe` shows it. */
export interface SystemStatus<Lane extends string = string> {
  readonly systemId: SystemId<never>
  readonly type: Lane
  readonly kind: 'recurring' | 'submitted' | 'remote'
  /** Whether its jobs run, or wait until `resume`. */
  readonly state: 'active' | 'suspended'
  /** What it was believed to cost when it was registered: a share of the budget. */
  readonly weightCost: number
  /** What a job, or a step of one, is expected to take, and what 95 of 100 keep to, in ms: of the last that was predicted. */
  readonly expectedMs: number
  readonly p95Ms: number
  /** Whether its jobs come in steps. */
  readonly stepped: boolean
  /** What the prediction stands on. */
  readonly samples: number
  readonly runs: number
  readonly failures: number
  readonly failuresInRow: number
  /** Number of the frame in which it ran last; 0 before the first. */
  readonly lastRunIn: number
}

/** Systems registered at once: one that registers others for ever comes to an end. */
const MOST_SYSTEMS = 65_536
/** About as many frames as a year has. */
const MOST_FRAMES = 2 ** 30

export interface SystemTableOptions<Lane extends string> {
  readonly lanes: readonly CheckedLane<Lane>[]
  readonly tickMs: number
  /** What a whole frame's budget is when a system is registered. */
  readonly budgetMs: () => number
  readonly frameOf: (system: () => RegisteredSystem) => SystemFrame
  readonly traceName: (name: string) => number
}

/** The systems of one controller. */
export class SystemTable<Lane extends string> {
  /** By their index; one that was unregistered leaves its place empty. */
  readonly all: (RegisteredSystem | undefined)[] = []
  readonly columns = new SystemColumns()
  readonly #options: SystemTableOptions<Lane>
  readonly #lanes: ReadonlyMap<string, number>
  /** Systems that are registered now. */
  #size = 0

  constructor(options: SystemTableOptions<Lane>) {
    this.#options = options
    this.#lanes = new Map(options.lanes.map(({ name }, lane) => [name, lane]))
  }

  /** @throws {MillraceError} `LANE_UNKNOWN`. */
  laneOf(type: string): number {
    const lane = this.#lanes.get(type)
    if (lane !== undefined) return lane
    const names = [...this.#lanes.keys()].join(', ')
    throw new MillraceError(
      'LANE_UNKNOWN',
      `BatchController: there is no lane ${typeof type === 'string' ? type : show(type)}, only ${names}`,
      {
        detail: { type },
      },
    )
  }

  /** @throws {MillraceError} `OPTION_INVALID`, `LANE_UNKNOWN`, `SYSTEM_INVALID`. */
  add(definition: AnySystem): RegisteredSystem {
    checkDefinition(definition)
    const lane = this.laneOf(definition.type)
    if (this.#size === MOST_SYSTEMS) {
      throw new MillraceError(
        'SYSTEMS_FULL',
        `BatchController: ${MOST_SYSTEMS} systems are registered, no room for ${nameOf(definition)}; ` +
          'unregister some, or submit jobs to one',
        { detail: { system: nameOf(definition), systems: MOST_SYSTEMS } },
      )
    }
    this.#checkExecutor(definition, lane)
    const id: SystemId<never> = Object.freeze({ index: this.all.length, name: nameOf(definition) })
    const system: RegisteredSystem = new RegisteredSystem(definition, this.columns, {
      id,
      lane,
      frame: this.#options.frameOf(() => system),
      priorMs: definition.cost * this.#options.budgetMs(),
      tickMs: this.#options.tickMs,
      traceName: this.#options.traceName(id.name),
    })
    this.all.push(system)
    this.#size++
    return system
  }

  /** @throws {MillraceError} `LANE_UNKNOWN`, `SYSTEM_INVALID`. */
  move(system: RegisteredSystem, type: string): void {
    const lane = this.laneOf(type)
    this.#checkExecutor(system.definition, lane)
    system.lane = lane
  }

  /**
   * The system of `id`.
   * @throws {MillraceError} `SYSTEM_UNKNOWN` when it is another controller's, or was unregistered.
   */
  get(id: SystemId<never>): RegisteredSystem {
    // PERF: what is right is found before it is asked what is wrong; bench/frame/overhead.bench.ts.
    const system = id instanceof Object ? this.all[id.index] : undefined
    if (system !== undefined && system.id === id) return system
    const name = isId(id) ? id.name : show(id)
    throw new MillraceError(
      'SYSTEM_UNKNOWN',
      `BatchController: ${name} is no system of this controller; use what its register() returned, until unregister()`,
      { detail: { id } },
    )
  }

  /** The system of an index that came from another thread, or undefined. */
  at(index: number): RegisteredSystem | undefined {
    return this.all[index]
  }

  remove(system: RegisteredSystem): void {
    system.removed = true
    this.all[system.index] = undefined
    this.columns.forget(system.index)
    this.#size--
  }

  describe(): SystemStatus<Lane>[] {
    return this.all.flatMap((system) => (system === undefined ? [] : [this.#statusOf(system)]))
  }

  #checkExecutor(definition: AnySystem, lane: number): void {
    const { name, executor } = this.#options.lanes[lane]!
    if (definition.task === undefined || executor !== undefined) return
    throw invalid(`${nameOf(definition)} has a task, and lane ${name} no executor to run it; give the lane one`)
  }

  #statusOf(system: RegisteredSystem): SystemStatus<Lane> {
    return {
      systemId: system.id,
      type: this.#options.lanes[system.lane]!.name,
      kind: system.isRemote ? 'remote' : system.recurring ? 'recurring' : 'submitted',
      state: system.suspended ? 'suspended' : 'active',
      weightCost: system.weightCost,
      expectedMs: system.expectedMs,
      p95Ms: system.highMs,
      stepped: system.hasSteps,
      samples: system.samples,
      runs: system.runs,
      failures: system.failures,
      failuresInRow: system.failuresInRow,
      lastRunIn: system.lastRunIn,
    }
  }
}

function isId(id: unknown): id is SystemId<never> {
  return (
    typeof id === 'object' &&
    id !== null &&
    'index' in id &&
    typeof id.index === 'number' &&
    'name' in id &&
    typeof id.name === 'string'
  )
}

function nameOf(definition: AnySystem): string {
  return definition.name || definition.run.name || 'anonymous system'
}

function checkDefinition(definition: AnySystem): void {
  if (typeof definition !== 'object' || definition === null || typeof definition.run !== 'function') {
    throw invalid(`register() takes an object with \`type\`, \`cost\` and a function \`run\`, not ${shown(definition)}`)
  }
  const { name, recurring, feature, decode, prepare, task } = definition
  if (name !== undefined && typeof name !== 'string')
    throw invalid(`a system's name must be a string, not ${show(name)}`)
  const owner = `BatchSystem ${nameOf(definition)}`
  if (recurring !== undefined && typeof recurring !== 'boolean') {
    throw invalid(`${nameOf(definition)}: recurring must be true or false, not ${show(recurring)}`)
  }
  checkNumber(owner, 'cost', definition.cost, { min: 0, max: 1 })
  checkInteger(owner, 'everyFrames', definition.everyFrames ?? 1, { min: 1, max: MOST_FRAMES })
  checkNumber(owner, 'value', definition.value ?? 1, { min: 0 })
  for (const [key, value] of Object.entries({ feature, decode, prepare })) {
    if (value !== undefined && typeof value !== 'function')
      throw invalid(`${nameOf(definition)}: ${key} must be a function, not ${show(value)}`)
  }
  if (task !== undefined && (typeof task !== 'string' || task === '')) {
    throw invalid(`${nameOf(definition)}: task must be the name of one of the executor's tasks, not ${show(task)}`)
  }
}

function shown(definition: unknown): string {
  const isObject = typeof definition === 'object' && definition !== null
  return isObject && 'run' in definition ? `one whose run is ${show(definition.run)}` : show(definition)
}

function invalid(message: string): MillraceError {
  return new MillraceError('SYSTEM_INVALID', `BatchController: ${message}`)
}
