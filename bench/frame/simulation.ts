import { median } from '../harness/median.ts'
import { type EcsSystem, ecsSystems } from './ecs-systems.ts'
import { EcsWorld } from './world.ts'

export interface SimulationOptions {
  readonly entities: number
  /** Most that there will be. @default entities */
  readonly capacity?: number
  /** How many are updated in a step, which nobody can interrupt. */
  readonly entitiesAStep: number
}

/** Five systems over one world. */
export class Simulation {
  readonly world: EcsWorld
  readonly systems = ecsSystems
  readonly #entitiesAStep: number
  readonly #steps = ecsSystems.map(() => new StepTimes())

  constructor({ entities, capacity = entities, entitiesAStep }: SimulationOptions) {
    this.world = new EcsWorld(capacity)
    this.world.resize(entities)
    this.#entitiesAStep = entitiesAStep
  }

  /** What a step of the dearest system takes, by the median, in ms. */
  get longestStepMs(): number {
    return Math.max(...this.#steps.map((steps) => steps.median))
  }

  pass(system: EcsSystem): SystemPass {
    return new SystemPass(system, this.world, this.#entitiesAStep, this.#steps[this.systems.indexOf(system)]!)
  }
}

const STEPS_KEPT = 4096

/** How long the last steps took. */
class StepTimes {
  readonly #times = new Float64Array(STEPS_KEPT)
  #count = 0

  get median(): number {
    return this.#count === 0 ? 0 : median([...this.#times.subarray(0, Math.min(this.#count, STEPS_KEPT))])
  }

  add(ms: number): void {
    this.#times[this.#count++ % STEPS_KEPT] = ms
  }
}

/** One way of one system through its entities. */
export class SystemPass {
  readonly #system: EcsSystem
  readonly #world: EcsWorld
  readonly #entities: ArrayLike<number>
  readonly #entitiesAStep: number
  readonly #times: StepTimes
  #from = 0

  constructor(system: EcsSystem, world: EcsWorld, entitiesAStep: number, times: StepTimes) {
    this.#system = system
    this.#world = world
    this.#entities = system.entities(world)
    this.#entitiesAStep = entitiesAStep
    this.#times = times
  }

  /** Returns whether there is more to do. */
  step(): boolean {
    const startedAt = performance.now()
    const { length } = this.#entities
    const to = Math.min(this.#from + this.#entitiesAStep, length)
    if (this.#from < to) this.#system.update(this.#world, this.#entities, this.#from, to)
    this.#from = to
    this.#times.add(performance.now() - startedAt)
    return to < length
  }
}
