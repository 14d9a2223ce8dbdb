import { STATE_NAMES, State } from '../../lifecycle/states.ts'
import type { PulseMetrics } from '../../pulse.ts'
import type { AlertWitness } from './alert-witness.ts'
import type { CheckWitness } from './check-witness.ts'
import { GONE, type Scene } from './scene.ts'
import type { StoreWitness } from './store-witness.ts'

export interface BooksOptions {
  readonly scene: Scene
  readonly checks: CheckWitness
  readonly alerts: AlertWitness
  readonly store: StoreWitness
  readonly maxInterventions: number
}

/** Holds what the engine counts against what was seen; and in the end, what is owed against what came. */
export class Books {
  readonly #options: BooksOptions

  constructor(options: BooksOptions) {
    this.#options = options
  }

  /** Between two turns. @param gone is how many checks of monitors that are others by now may be under way, at most. */
  audit({ checks, byState, monitors, interventions }: PulseMetrics, gone: number): void {
    const { scene, checks: seen, maxInterventions } = this.#options
    const { started, passed, failed, warned, faults, fenced, recovered, underWay } = checks
    const sum = passed + failed + warned + faults + fenced + recovered + underWay
    if (started !== sum) scene.broken('the books of checks', -1, `${started} began, and ${sum} are known of`)
    if (started !== seen.started) {
      scene.broken('the books of checks', -1, `${started} began, and ${seen.started} probes`)
    }
    const counts = new Int32Array(GONE + 1)
    for (const state of scene.state) counts[state]!++
    let there = 0
    for (const [state, name] of STATE_NAMES.entries()) {
      there += byState[name]
      if (byState[name] !== counts[state]) {
        scene.broken('the books of states', -1, `${byState[name]} are ${name}, and ${counts[state]} went there`)
      }
    }
    if (there !== monitors) scene.broken('the books of states', -1, `${there} of ${monitors} monitors have a state`)
    if (interventions.underWay > maxInterventions) {
      scene.broken('too many interventions at once', -1, String(interventions.underWay))
    }
    const young = seen.young() + gone
    if (underWay > young) scene.broken('a check is stuck', -1, `${underWay} under way, of which ${young} may be`)
  }

  /** Whether all is well, and everybody knows. */
  get isAtRest(): boolean {
    const { scene, alerts, store } = this.#options
    const isWell = (state: number, monitor: number) =>
      !this.#isAwaited(monitor) || (state === State.UP && alerts.unendedOf(monitor) === undefined)
    return scene.state.every(isWell) && store.outbox.size === 0
  }

  /** Nothing has gone wrong for long: all is well, and everybody knows. */
  rest(): void {
    const { scene, checks, alerts, store } = this.#options
    for (const [monitor, state] of scene.state.entries()) {
      if (!this.#isAwaited(monitor)) continue
      const age = checks.ageOf(monitor)
      if (age > 2 * scene.profiles[monitor]!.check.intervalMs) {
        scene.broken('not checked any more', monitor, `for ${age} ms`)
      }
      if (state !== State.UP) scene.broken('stuck', monitor, scene.stateName(monitor))
      const unended = alerts.unendedOf(monitor)
      if (unended !== undefined) scene.broken('the end was not told', monitor, unended)
    }
    for (const alert of store.outbox.values()) scene.broken('an alert was not delivered', -1, alert)
  }

  /** Whether a monitor is to be well where nothing goes wrong. */
  #isAwaited(monitor: number): boolean {
    const { scene } = this.#options
    const state = scene.state[monitor]!
    return state !== GONE && state !== State.MAINTENANCE && scene.profiles[monitor]!.isEnabled
  }
}
