import type { Profile } from '../monitors/monitor.ts'
import type { Pulse, PulseOptions } from '../pulse.ts'
import { ProcessClock, type SimulatedClock } from './simulated-clock.ts'
import { batchesOf } from './simulated-monitors.ts'
import type { SimulatedStore } from './simulated-store.ts'
import type { SimulatedWorld } from './simulated-world.ts'
import type { Turns } from './turns.ts'
import type { Witness } from './witness/witness.ts'

/** What can be said of the engine in a simulation: the rest of it is simulated. */
export type EngineOptions = Omit<PulseOptions, 'clock' | 'kinds' | 'store' | 'logger' | 'deadMan'>

export interface SimulatedProcessesOptions {
  readonly names: readonly string[]
  readonly clock: SimulatedClock
  readonly random: () => number
  readonly world: SimulatedWorld
  readonly store: SimulatedStore
  readonly witness: Witness
  readonly turns: Turns
  readonly pulse: EngineOptions
  readonly create: (options: PulseOptions) => Pulse
}

const MOST_STOPPING_MS = 3000
const LONGEST_PAUSE_MS = 5000

/** The processes in which an engine runs, one after another: each begins with what the one before left in the store. */
export class SimulatedProcesses {
  readonly #options: SimulatedProcessesOptions
  /** Checks that were under way when their monitors were loaded anew. */
  #gone = 0
  #clock: ProcessClock | undefined
  #pulse!: Pulse
  readonly counts = { crashes: 0, restarts: 0, reloads: 0 }

  constructor(options: SimulatedProcessesOptions) {
    this.#options = options
  }

  /** The engine of this process. */
  get pulse(): Pulse {
    return this.#pulse
  }

  async begin(): Promise<void> {
    const { witness, turns, random, store, world, create, pulse } = this.#options
    const { scene } = witness
    const clock = new ProcessClock(this.#options.clock, () => {
      scene.isStirred = true
    })
    this.#clock = clock
    this.#pulse = create({ ...pulse, clock, random, store: store.openFor(clock), kinds: world.kindsFor(clock) })
    this.#pulse.onChange(witness.states.changed)
    await turns.until(this.#load(scene.profiles))
    witness.restarted()
    await turns.until(this.#pulse.start())
    this.#gone = 0
  }

  end(): void {
    this.#clock?.die()
  }

  /** Ends it in the midst of what it does, and begins another. */
  async crash(): Promise<void> {
    this.counts.crashes++
    await this.#beginAnother()
  }

  /** Ends it as it should be, and begins another. */
  async restart(): Promise<void> {
    this.counts.restarts++
    await this.audit()
    this.#options.witness.scene.isStopping = true
    await this.#options.turns.until(this.#pulse.stop({ withinMs: MOST_STOPPING_MS }))
    await this.#beginAnother()
  }

  async #beginAnother(): Promise<void> {
    const { witness, turns, store, random } = this.#options
    this.end()
    await store.cut()
    witness.died()
    await turns.pass(Math.floor(random() * LONGEST_PAUSE_MS))
    await this.begin()
  }

  /** Loads another manifest. @param changes has the monitors of which it says something else, and what; undefined of those that are no more. */
  async reload(changes: ReadonlyMap<number, Profile | undefined>): Promise<void> {
    const { witness, turns } = this.#options
    this.counts.reloads++
    const underWay = this.#pulse.metrics.checks.underWay
    const loaded = this.#load(
      witness.scene.profiles.map((profile, monitor) => (changes.has(monitor) ? changes.get(monitor) : profile)),
    )
    for (const [monitor, profile] of changes) this.#change(monitor, profile)
    this.#gone += underWay
    await turns.until(loaded)
  }

  #load(profiles: readonly (Profile | undefined)[]) {
    return this.#pulse.load(batchesOf((number) => profiles[number], this.#options.names))
  }

  #change(monitor: number, profile: Profile | undefined): void {
    const { witness } = this.#options
    if (profile === undefined) witness.removed(monitor)
    else if (witness.scene.profiles[monitor] !== undefined) witness.replaced(monitor, profile)
    else witness.returned(monitor, profile)
  }

  /** Looks at the books of the engine, between two moments. */
  async audit(): Promise<void> {
    const { witness, turns } = this.#options
    await turns.finishMoment()
    witness.books.audit(this.#pulse.metrics, this.#gone)
  }
}
