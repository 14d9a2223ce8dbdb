import type { AlertKey, StoreChanges, StoredAlert, StoredBeat, StoredMonitor } from './pulse-store.ts'

/** Most calls of services in a commit: they are small. */
const MAX_BEATS = 20_000

export interface PendingChangesOptions {
  /** What there is to keep of a monitor; undefined if it is to be forgotten. */
  readonly recordOf: (monitor: number) => StoredMonitor | undefined
  readonly nameOf: (monitor: number) => string
  /** The last number that was given to anything. */
  readonly lastNumber: () => number
}

/** What changed, and is in no commit yet. A monitor that changes often is in it once, and is written as it is when it is taken. */
export class PendingChanges {
  readonly #options: PendingChangesOptions
  /** In the order in which they changed first. */
  readonly #dirty = new Set<number>()
  /** Names the store has: most monitors are well, and there is nothing of them to forget. */
  readonly #kept = new Set<string>()
  /** Names of monitors that are no more. */
  #forgotten: string[] = []
  /** By monitor: what is kept of one, and what is told of it, are kept together. */
  readonly #alerts = new Map<string, StoredAlert[]>()
  #delivered: AlertKey[] = []
  #dead: { readonly alert: StoredAlert; readonly error: string }[] = []
  #redriven: { readonly id: number; readonly alert: StoredAlert }[] = []
  /** When services called last, as far as that is to be kept. */
  #beats = new Map<string, number>()
  #heardUntil: number | undefined

  constructor(options: PendingChangesOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    const lists = this.#forgotten.length + this.#delivered.length + this.#dead.length + this.#redriven.length
    return this.#dirty.size + this.#alerts.size + this.#beats.size + lists === 0 && this.#heardUntil === undefined
  }

  /** Whether there is more than one commit takes. */
  get isMore(): boolean {
    return this.#dirty.size + this.#beats.size > 0
  }

  /** The store has these names. */
  keeps(names: Iterable<string>): void {
    for (const name of names) this.#kept.add(name)
  }

  changed(monitor: number): void {
    this.#dirty.add(monitor)
  }

  /** A monitor is no more; false if the store knows nothing of it. */
  forget(name: string): boolean {
    if (!this.#kept.delete(name)) return false
    this.#forgotten.push(name)
    return true
  }

  /** A monitor's number is not its own any more. */
  removed(monitor: number): void {
    this.#dirty.delete(monitor)
  }

  alert(alert: StoredAlert): void {
    const alerts = this.#alerts.get(alert.monitor)
    if (alerts === undefined) this.#alerts.set(alert.monitor, [alert])
    else alerts.push(alert)
  }

  /** All alerts that are to be kept. */
  alerts(): Iterable<readonly StoredAlert[]> {
    return this.#alerts.values()
  }

  /** Alerts of a monitor need not be kept any more. */
  dropAlerts(monitor: string, isOver: (alert: StoredAlert) => boolean): void {
    const alerts = this.#alerts.get(monitor)
    if (alerts === undefined || !alerts.some(isOver)) return
    this.#alerts.set(
      monitor,
      alerts.filter((alert) => !isOver(alert)),
    )
  }

  delivered(key: AlertKey): void {
    this.#delivered.push(key)
  }

  dead(alert: StoredAlert, error: string): void {
    this.#dead.push({ alert, error })
  }

  redrive(id: number, alert: StoredAlert): void {
    this.#redriven.push({ id, alert })
  }

  /** When services called, up to a time. */
  heard(beats: readonly StoredBeat[], until: number): void {
    for (const { name, at } of beats) this.#beats.set(name, at)
    this.#heardUntil = until
  }

  /**
   * Takes out what goes into a commit: these monitors, whatever has changed of them, and others in the order in which they changed, up to `most` in all. What
   * is told of a monitor goes with it.
   */
  take(first: Iterable<number>, most: number): StoreChanges {
    const { lastNumber } = this.#options
    const monitors: StoredMonitor[] = []
    const alerts: StoredAlert[] = []
    const forgotten = this.#forgotten
    this.#forgotten = []
    for (const monitor of first) this.#takeOne(monitor, monitors, forgotten, alerts)
    for (const monitor of this.#dirty) {
      if (monitors.length + forgotten.length >= most) break
      this.#takeOne(monitor, monitors, forgotten, alerts)
    }
    // Of monitors that are no more, or of which nothing else has changed.
    if (this.#dirty.size === 0) {
      for (const told of this.#alerts.values()) alerts.push(...told)
      this.#alerts.clear()
    }
    const changes = {
      ...{ monitors, forgotten, alerts },
      ...this.#takeBeats(),
      delivered: this.#delivered,
      dead: this.#dead,
      redriven: this.#redriven,
      lastNumber: lastNumber(),
    }
    this.#delivered = []
    this.#dead = []
    this.#redriven = []
    return changes
  }

  #takeOne(monitor: number, monitors: StoredMonitor[], forgotten: string[], alerts: StoredAlert[]): void {
    const { recordOf, nameOf } = this.#options
    this.#dirty.delete(monitor)
    const record = recordOf(monitor)
    const name = nameOf(monitor)
    if (record !== undefined) {
      this.#kept.add(name)
      monitors.push(record)
    } else if (this.#kept.delete(name)) forgotten.push(name)
    const told = this.#alerts.get(name)
    if (told === undefined) return
    alerts.push(...told)
    this.#alerts.delete(name)
  }

  #takeBeats(): Pick<StoreChanges, 'beats' | 'heardUntil'> {
    const beats: StoredBeat[] = []
    for (const [name, at] of this.#beats) {
      if (beats.length >= MAX_BEATS) break
      this.#beats.delete(name)
      beats.push({ name, at })
    }
    if (this.#beats.size > 0) return { beats, heardUntil: undefined }
    // What was heard until then is kept, once the last of it is.
    const heardUntil = this.#heardUntil
    this.#heardUntil = undefined
    return { beats, heardUntil }
  }
}

export function isEmpty({ monitors, forgotten, alerts, delivered, dead, redriven, beats, heardUntil }: StoreChanges) {
  const lists = [monitors, forgotten, alerts, delivered, dead, redriven, beats]
  return heardUntil === undefined && lists.every(({ length }) => length === 0)
}
