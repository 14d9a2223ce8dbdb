import type { InterventionOrder, InterventionOutcome } from '../../interventions/intervention.ts'
import { State } from '../../lifecycle/states.ts'
import { Flag } from '../../monitors/monitor-table.ts'
import type { StoredMonitor } from '../../store/pulse-store.ts'
import { Happening } from '../history.ts'
import type { Incidents } from './incidents.ts'
import type { Scene } from './scene.ts'
import { steadyTime } from './steady-time.ts'
import type { StoreWitness } from './store-witness.ts'

export interface InterventionWitnessOptions {
  readonly scene: Scene
  readonly incidents: Incidents
  readonly store: StoreWitness
  readonly maxInterventions: number
  readonly maxInterventionsPerMinute: number
}

const MINUTE_MS = 60_000
/** What became of an intervention, by number: 0 if nobody knows yet. */
const OUTCOMES = { accepted: 1, refused: 2, unknown: 3 } as const

/** Sees interventions made, and what becomes of them: one an incident, kept before it is made, and not too many a minute. */
export class InterventionWitness {
  readonly #options: InterventionWitnessOptions
  /** The incident in which the last one was made. */
  readonly #incident: Uint32Array
  /** When it was said to be, by the clock of the simulation. */
  readonly #pendingAt: Float64Array
  /** When it was made, by the clock of the simulation; -1 if it was not yet. */
  readonly #runAt: Float64Array
  readonly #outcome: Uint8Array
  /** In the last minute. */
  #runs: number[] = []
  count = 0

  constructor(options: InterventionWitnessOptions) {
    this.#options = options
    const count = options.scene.monitors.length
    this.#incident = new Uint32Array(count)
    this.#pendingAt = new Float64Array(count).fill(Number.NEGATIVE_INFINITY)
    this.#runAt = new Float64Array(count)
    this.#outcome = new Uint8Array(count)
  }

  /** A monitor went to the state in which one is made. */
  pending(monitor: number): void {
    this.#pendingAt[monitor] = this.#options.scene.clock.now()
    this.#incident[monitor] = this.#options.incidents.numberOf(monitor)
    this.#outcome[monitor] = 0
    this.#runAt[monitor] = -1
  }

  /** One is made. */
  run(monitor: number, order: InterventionOrder): void {
    const { scene, incidents, store, maxInterventions, maxInterventionsPerMinute } = this.#options
    const now = scene.clock.now()
    this.count++
    scene.history.add(now, monitor, Happening.INTERVENTION, incidents.numberOf(monitor))
    const record = store.recordOf(monitor)
    if (scene.state[monitor] !== State.PENDING) {
      scene.broken('an intervention that is not pending', monitor, scene.stateName(monitor))
    }
    if (record?.state !== State.PENDING || (record.flags & Flag.INTERVENED) === 0) {
      scene.broken('an intervention before it was kept that it is made', monitor, `it is kept as ${record?.state}`)
    }
    if (this.isMade(monitor)) scene.broken('a second intervention', monitor, order.incident)
    this.#runAt[monitor] = now
    this.#runs = this.#runs.filter((at) => now - at < MINUTE_MS)
    this.#runs.push(now)
    // They begin together, and are made as what is kept of them allows.
    const most = maxInterventionsPerMinute + maxInterventions
    if (this.#runs.length > most) scene.broken('a storm', monitor, `${this.#runs.length} in a minute`)
  }

  /** What became of one, as the engine is told now. */
  ended(monitor: number, { status }: InterventionOutcome): void {
    const { scene } = this.#options
    scene.isStirred = true
    this.#outcome[monitor] = OUTCOMES[status]
    scene.history.add(scene.clock.now(), monitor, Happening.OUTCOME, OUTCOMES[status])
  }

  /** Whether there was one in the incident that is open. */
  wasMade(monitor: number): boolean {
    const { incidents } = this.#options
    return incidents.isOpen(monitor) && this.#incident[monitor] === incidents.numberOf(monitor)
  }

  coolsDown(monitor: number, coolDownMs: number): boolean {
    return this.#options.scene.clock.now() - this.#pendingAt[monitor]! < coolDownMs
  }

  /** Whether the pending one is made, and not only said to be. */
  isMade(monitor: number): boolean {
    return this.#runAt[monitor]! >= 0
  }

  /** Whether it is not made, or was that long ago that nobody waits for it any more. */
  isLate(monitor: number, timeoutMs: number): boolean {
    return !this.isMade(monitor) || this.#options.scene.clock.now() - this.#runAt[monitor]! >= timeoutMs
  }

  hasBecome(monitor: number, status: InterventionOutcome['status']): boolean {
    return this.#outcome[monitor] === OUTCOMES[status]
  }

  /** Another process has begun. */
  restarted(): void {
    this.#runs = []
  }

  /** A monitor is there, as what was kept of it says. */
  entered(monitor: number, record: StoredMonitor | undefined): void {
    const wasMade = ((record?.flags ?? 0) & Flag.INTERVENED) !== 0
    this.#incident[monitor] = wasMade ? this.#options.incidents.numberOf(monitor) : 0
    this.#pendingAt[monitor] = steadyTime(record?.interventionAt ?? 0, record, this.#options.scene.clock)
    this.#outcome[monitor] = 0
    this.#runAt[monitor] = -1
  }
}
