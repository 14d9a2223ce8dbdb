import type { Profile } from '../../monitors/monitor.ts'
import { MAX_AWAITED_COMMIT } from '../../store/commit-line.ts'
import type { AlertKey, StoreChanges, StoredMonitor } from '../../store/pulse-store.ts'
import { type AlertWitness, type Told, UNTOLD } from './alert-witness.ts'
import type { Incidents } from './incidents.ts'
import type { Scene } from './scene.ts'

export interface StoreWitnessOptions {
  readonly scene: Scene
  readonly incidents: Incidents
  readonly alerts: AlertWitness
}

/** What is known of a monitor, if what is kept of it is what there is. */
export interface Kept {
  readonly record: StoredMonitor | undefined
  /** What its manifest said then. */
  readonly profile: Profile | undefined
  readonly incident: number
  readonly told: Told
}

/** Sees what is asked to be kept, and what is kept: another process begins with that. */
export class StoreWitness {
  readonly #options: StoreWitnessOptions
  readonly #kept = new Map<number, Kept>()
  /** What is kept once those changes are. */
  readonly #snapshots = new WeakMap<StoreChanges, ReadonlyMap<number, Kept>>()
  /** How often the store had failed when they were asked for first. */
  readonly #failures = new WeakMap<StoreChanges, number>()
  /** Alerts that are kept and not delivered, by monitor, incident, colour and route. */
  readonly #outbox = new Map<string, string>()

  constructor(options: StoreWitnessOptions) {
    this.#options = options
  }

  /** Changes are to be kept. */
  readonly asked = (changes: StoreChanges): void => {
    if (this.#snapshots.has(changes)) return
    const { scene, alerts } = this.#options
    const ids = new Set<string>()
    for (const alert of changes.alerts) if (alert.attempts === 0) alerts.asked(alert, ids)
    const snapshot = new Map<number, Kept>()
    const keep = (name: string, record: StoredMonitor | undefined) => {
      const monitor = scene.numberOf(name)
      if (monitor !== -1 && !snapshot.has(monitor)) snapshot.set(monitor, this.#snapshotOf(monitor, record))
    }
    for (const record of changes.monitors) keep(record.name, record)
    // One that left, and came back before that was kept, is in both: the store forgets it first.
    for (const name of changes.forgotten) keep(name, undefined)
    this.#snapshots.set(changes, snapshot)
    this.#failures.set(changes, scene.storeFailures)
    for (const monitor of snapshot.keys()) alerts.stateAsked(monitor)
  }

  #snapshotOf(monitor: number, record: StoredMonitor | undefined): Kept {
    const { scene, incidents, alerts } = this.#options
    const unended = alerts.unendedOf(monitor)
    if (record === undefined && unended !== undefined && scene.isThere(monitor)) {
      scene.broken('what was told is forgotten', monitor, unended)
    }
    return {
      record,
      profile: scene.profiles[monitor],
      incident: incidents.numberOf(monitor),
      told: record === undefined ? UNTOLD : alerts.toldOf(monitor),
    }
  }

  /** Changes are kept. */
  readonly kept = (changes: StoreChanges): void => {
    for (const [monitor, kept] of this.#snapshots.get(changes) ?? []) this.#kept.set(monitor, kept)
    // Begun since the store failed last, and with room for more: all that waited then is in it, or was kept before.
    const { scene } = this.#options
    const hasRoom = changes.monitors.length + changes.forgotten.length < MAX_AWAITED_COMMIT
    if (hasRoom && this.#failures.get(changes) === scene.storeFailures) scene.isStoreBehind = false
    for (const key of changes.delivered) this.#outbox.delete(keyOf(key))
    for (const { alert } of changes.dead) this.#outbox.delete(keyOf(alert))
    for (const alert of changes.alerts) {
      const { monitor, code, at, attempts } = alert
      if (attempts > 0) continue
      this.#outbox.set(keyOf(alert), `${monitor} ${code} ${at}`)
      this.#options.alerts.kept(alert)
    }
  }

  keptOf(monitor: number): Kept | undefined {
    return this.#kept.get(monitor)
  }

  recordOf(monitor: number): StoredMonitor | undefined {
    return this.#kept.get(monitor)?.record
  }

  /** Alerts that are to be delivered still. */
  get outbox(): ReadonlyMap<string, string> {
    return this.#outbox
  }
}

function keyOf({ monitor, code, route, incident }: AlertKey): string {
  return `${code} ${route} ${incident} ${monitor}`
}
