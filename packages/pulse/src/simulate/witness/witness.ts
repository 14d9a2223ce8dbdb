import type { Clock } from '@millrace/kernel/clock'
import { State } from '../../lifecycle/states.ts'
import type { MonitorSpec, Profile } from '../../monitors/monitor.ts'
import { Flag } from '../../monitors/monitor-table.ts'
import { Happening, type History } from '../history.ts'
import { AlertWitness, UNTOLD } from './alert-witness.ts'
import { Books } from './books.ts'
import { CheckWitness } from './check-witness.ts'
import { Findings } from './findings.ts'
import { Incidents } from './incidents.ts'
import { InterventionWitness } from './intervention-witness.ts'
import { GONE, Scene } from './scene.ts'
import { StateWitness } from './state-witness.ts'
import { steadyTime } from './steady-time.ts'
import { type Kept, StoreWitness } from './store-witness.ts'

export interface WitnessOptions {
  readonly monitors: readonly MonitorSpec[]
  readonly clock: Clock
  readonly history: History
  readonly flapThresholds: { readonly high: number; readonly low: number }
  readonly alertCoolDownMs: number
  readonly maxInterventions: number
  readonly overdueAfterMs: number
  readonly maxInterventionsPerMinute: number
  /** How long after its timeout a check is given up at last, in ms. */
  readonly slackMs: number
}

/**
 * Sees all that goes in and out of an engine, and holds that against what is promised, with rules of its own: a witness for each thing that happens.
 *
 * It knows what the targets answered, what interventions became of, what was kept and what was delivered; of the engine only what anybody can see.
 */
export class Witness {
  readonly scene: Scene
  readonly checks: CheckWitness
  readonly states: StateWitness
  readonly interventions: InterventionWitness
  readonly alerts: AlertWitness
  readonly store: StoreWitness
  readonly books: Books
  readonly #findings: Findings
  readonly #incidents: Incidents

  constructor(options: WitnessOptions) {
    const scene = new Scene(options)
    const findings = new Findings(scene, options.flapThresholds)
    const incidents = new Incidents(options.monitors.length)
    const checks = new CheckWitness({ ...options, scene, findings })
    const alerts = new AlertWitness({ ...options, scene, findings, incidents })
    const store = new StoreWitness({ scene, incidents, alerts })
    const interventions = new InterventionWitness({ ...options, scene, incidents, store })
    this.scene = scene
    this.checks = checks
    this.states = new StateWitness({ ...options, scene, checks, findings, incidents, interventions, alerts })
    this.interventions = interventions
    this.alerts = alerts
    this.store = store
    this.books = new Books({ ...options, scene, checks, alerts, store })
    this.#findings = findings
    this.#incidents = incidents
  }

  // What people do.

  acted(monitor: number, action: number): void {
    const { scene } = this
    scene.isStirred = true
    scene.history.add(scene.clock.now(), monitor, Happening.ACTION, action)
  }

  acknowledged(monitor: number): void {
    this.#incidents.acknowledged(monitor)
  }

  // Processes.

  /** The process has ended. */
  died(): void {
    this.#findings.died()
    this.alerts.died()
  }

  /** Another process has begun: what was kept is what there is. */
  restarted(): void {
    const { scene } = this
    scene.history.add(scene.clock.now(), -1, Happening.PROCESS, 0)
    scene.isStopping = false
    scene.isStoreBehind = false
    this.checks.restarted()
    this.interventions.restarted()
    this.alerts.restarted()
    for (let monitor = 0; monitor < scene.monitors.length; monitor++) this.#entered(monitor, this.store.keptOf(monitor))
  }

  /** A monitor is there, as what was kept of it says; or it is not. */
  #entered(monitor: number, kept: Kept | undefined): void {
    const { scene } = this
    const profile = scene.profiles[monitor]
    const record = kept?.record
    const flags = record?.flags ?? 0
    // Of one that is another now, no result is known.
    const found = kept?.profile === profile ? record : undefined
    this.checks.fence(monitor)
    this.#findings.entered(monitor, found, (flags & Flag.FLAPPING) !== 0)
    this.#incidents.entered(monitor, kept?.incident ?? 0, flags)
    this.interventions.entered(monitor, record)
    this.alerts.entered(monitor, kept?.told ?? UNTOLD, steadyTime(record?.silencedUntil ?? 0, record, scene.clock))
    scene.isPaused[monitor] = flags & Flag.PAUSED
    scene.state[monitor] = profile === undefined ? GONE : this.#firstState(monitor, profile, found?.state)
    this.states.entered(monitor)
  }

  #firstState(monitor: number, { isEnabled }: Profile, kept: State | undefined): State {
    if (!isEnabled || this.scene.isPaused[monitor] === 1) return State.DISABLED
    return kept === undefined || kept === State.DISABLED || kept === State.MAINTENANCE ? State.UNKNOWN : kept
  }

  // Manifests.

  /** A monitor is another now. */
  replaced(monitor: number, profile: Profile): void {
    this.scene.profiles[monitor] = profile
    this.checks.fence(monitor)
    this.#findings.replaced(monitor)
    this.scene.state[monitor] = this.#firstState(monitor, profile, undefined)
  }

  removed(monitor: number): void {
    this.scene.profiles[monitor] = undefined
    this.scene.state[monitor] = GONE
    this.checks.removed(monitor)
    this.alerts.removed(monitor)
  }

  /** A monitor that was in no manifest is in one again: nothing is known of it. What was kept is forgotten as soon as a process begins without it, also where the store has that only later. */
  returned(monitor: number, profile: Profile): void {
    this.scene.profiles[monitor] = profile
    this.#entered(monitor, undefined)
  }
}
