import type { Clock } from '@millrace/kernel/clock'
import { STATE_NAMES } from '../../lifecycle/states.ts'
import type { MonitorSpec, Profile } from '../../monitors/monitor.ts'
import type { History } from '../history.ts'

/** A promise that was broken. */
export interface Violation {
  /** By the clock of the simulation, in ms. */
  readonly at: number
  readonly rule: string
  readonly monitor: string | undefined
  readonly message: string
  /** What happened to the monitor before, a line each. */
  readonly history: readonly string[]
}

export interface SceneOptions {
  readonly monitors: readonly MonitorSpec[]
  readonly clock: Clock
  readonly history: History
}

/** Stands where a state would, of a monitor that is not there. */
export const GONE = 255

const MOST_VIOLATIONS = 20
/** So long after a failure of the store what waited for it may still be refused, in ms. */
const AFTERMATH_MS = 10_000

/** What all witnesses look at: the monitors there are and their states, how the process and its store fare, and what was broken so far. */
export class Scene {
  readonly monitors: readonly MonitorSpec[]
  readonly clock: Clock
  readonly history: History
  readonly violations: Violation[] = []
  /** What the manifest says of each monitor now; undefined of one that is not there. */
  readonly profiles: (Profile | undefined)[]
  /** As the engine told of it; `GONE` of one that is not there. */
  readonly state: Uint8Array
  readonly isPaused: Uint8Array
  /** Whether people hear of a monitor at all. */
  readonly isTold: Uint8Array
  readonly #numbers: ReadonlyMap<string, number>
  /** Whether anything may be about to go on that was promised. */
  isStirred = true
  isStopping = false
  /** The store has failed, and not all that waited for it then is kept yet. */
  isStoreBehind = false
  storeFailures = 0
  #storeFailedAt = Number.NEGATIVE_INFINITY

  constructor({ monitors, clock, history }: SceneOptions) {
    this.monitors = monitors
    this.clock = clock
    this.history = history
    this.profiles = monitors.map(({ profile }) => profile)
    this.state = new Uint8Array(monitors.length).fill(GONE)
    this.isPaused = new Uint8Array(monitors.length)
    this.isTold = Uint8Array.from(monitors, ({ profile }) => (Object.keys(profile.codes).length > 0 ? 1 : 0))
    this.#numbers = new Map(monitors.map(({ name }, number) => [name, number]))
  }

  /** -1 of a name that no monitor has. */
  numberOf(name: string): number {
    return this.#numbers.get(name) ?? -1
  }

  isThere(monitor: number): boolean {
    return (this.state[monitor] ?? GONE) !== GONE
  }

  stateName(monitor: number): string {
    return STATE_NAMES[this.state[monitor]!] ?? 'gone'
  }

  /** The store has done what it was asked, or has failed to. */
  storeDone(isFailing: boolean): void {
    if (isFailing) {
      this.isStoreBehind = true
      this.storeFailures++
      this.#storeFailedAt = this.clock.now()
    }
    this.isStirred = true
  }

  /** Whether the store has worked for long enough for nothing to wait for it. */
  get isStoreSound(): boolean {
    return this.clock.now() - this.#storeFailedAt > AFTERMATH_MS
  }

  /** @param monitor is -1 for all. */
  broken(rule: string, monitor: number, message: string): void {
    if (this.violations.length >= MOST_VIOLATIONS) return
    this.violations.push({
      at: this.clock.now(),
      rule,
      monitor: this.monitors[monitor]?.name,
      message,
      history: this.history.linesOf(monitor),
    })
  }
}
