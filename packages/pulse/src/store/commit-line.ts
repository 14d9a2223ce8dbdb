import type { Clock } from '@millrace/kernel/clock'
import type { Logger } from '../pulse.ts'
import type { AlertKey, PulseStore, StoreChanges, StoredAlert, StoredBeat, StoredMonitor } from './pulse-store.ts'

/** Most monitors in a commit. */
const MAX_COMMIT = 2000
/** Most calls of services in a commit: they are small. */
const MAX_BEATS = 20_000
const RETRY_MS = 1000

export interface CommitLineOptions {
  readonly store: PulseStore
  readonly clock: Clock
  readonly logger: Logger | undefined
  /** What there is to keep of a monitor; undefined if it is to be forgotten. */
  readonly recordOf: (monitor: number) => StoredMonitor | undefined
  readonly nameOf: (monitor: number) => string
  /** The last number that was given to anything. */
  readonly lastNumber: () => number
  /** Alerts are durable, or the store does not work: they are to be delivered. */
  readonly onAlerts: (alerts: readonly StoredAlert[]) => void
}

/**
 * What changed, on its way into the store: one commit at a time, of all that has changed since the last.
 *
 * A monitor that changes often is written as it is when its commit begins. Where the store fails, it is tried again until it works; alerts do not wait for
 * that, as somebody should hear of what is wrong; interventions do.
 */
export class CommitLine {
  readonly #options: CommitLineOptions
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
  #waiting: ((isDurable: boolean) => void)[] = []
  #isOpen = false
  #isCommitting = false
  #isScheduled = false
  /** Alerts that are delivered, and not yet durable. */
  readonly #told = new Set<StoredAlert>()
  /** Ends the wait for another attempt. */
  #stopWaiting: (() => void) | undefined
  #failure: string | undefined

  constructor(options: CommitLineOptions) {
    this.#options = options
  }

  /** Why the store does not work; undefined when it does. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** The store is open, and has these names: what has changed so far is committed, and what does from now on. */
  start(kept: Iterable<string>): void {
    for (const name of kept) this.#kept.add(name)
    this.#isOpen = true
    if (this.#hasChanges) this.#schedule()
  }

  /** Commits no more, whether the store works or not. */
  stop(): void {
    this.#isOpen = false
    this.#stopWaiting?.()
  }

  changed(monitor: number): void {
    this.#dirty.add(monitor)
    this.#schedule()
  }

  forget(name: string): void {
    if (!this.#kept.delete(name)) return
    this.#forgotten.push(name)
    this.#schedule()
  }

  /** A monitor's number is not its own any more. */
  removed(monitor: number): void {
    this.#dirty.delete(monitor)
  }

  /** An alert is to be delivered; or, if it was tried, to be kept with its attempts. */
  alert(alert: StoredAlert): void {
    const alerts = this.#alerts.get(alert.monitor)
    if (alerts === undefined) this.#alerts.set(alert.monitor, [alert])
    else alerts.push(alert)
    this.#schedule()
  }

  delivered(key: AlertKey): void {
    this.#drop(key)
    this.#delivered.push(key)
    this.#schedule()
  }

  dead(alert: StoredAlert, error: string): void {
    this.#drop(alert)
    this.#dead.push({ alert, error })
    this.#schedule()
  }

  /** A dead letter is to be delivered after all. */
  redrive(id: number, alert: StoredAlert): void {
    this.#redriven.push({ id, alert })
    this.#schedule()
  }

  /** When services called, up to a time. */
  heard(beats: readonly StoredBeat[], until: number): void {
    for (const { name, at } of beats) this.#beats.set(name, at)
    this.#heardUntil = until
    this.#schedule()
  }

  /** Resolves once all that changed so far is durable, with true; or, after `withinMs`, with false. */
  durable(withinMs: number): Promise<boolean> {
    if (!this.#isCommitting && !this.#hasChanges) return Promise.resolve(true)
    this.#schedule()
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(withinMs, () => resolve(false))
      this.#waiting.push((isDurable) => {
        timer.cancel()
        resolve(isDurable)
      })
    })
  }

  /** What is over needs not be kept any more, if it was told before it could be. */
  #drop({ monitor, code, route, incident }: AlertKey): void {
    const alerts = this.#alerts.get(monitor)
    const isOfKey = (alert: StoredAlert) => alert.code === code && alert.route === route && alert.incident === incident
    const over = alerts?.filter((alert) => isOfKey(alert) && this.#told.has(alert))
    if (alerts === undefined || over === undefined || over.length === 0) return
    for (const alert of over) this.#told.delete(alert)
    this.#alerts.set(
      monitor,
      alerts.filter((alert) => !over.includes(alert)),
    )
  }

  get #hasChanges(): boolean {
    const lists = this.#forgotten.length + this.#delivered.length + this.#dead.length + this.#redriven.length
    return this.#dirty.size + this.#alerts.size + this.#beats.size + lists > 0 || this.#heardUntil !== undefined
  }

  /** At the end of this turn: what changes in one goes together. */
  #schedule(): void {
    if (this.#isScheduled || this.#isCommitting || !this.#isOpen) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      void this.#commitAll()
    })
  }

  async #commitAll(): Promise<void> {
    if (this.#isCommitting) return
    this.#isCommitting = true
    while (this.#hasChanges && this.#isOpen) {
      const waiting = this.#waiting
      this.#waiting = []
      const changes = this.#take()
      const isAll = this.#dirty.size === 0 && this.#beats.size === 0
      if (!isEmpty(changes)) await this.#commit(changes)
      if (isAll) for (const resolve of waiting) resolve(this.#failure === undefined)
      else this.#waiting.unshift(...waiting)
    }
    this.#isCommitting = false
    for (const resolve of this.#waiting.splice(0)) resolve(!this.#hasChanges && this.#failure === undefined)
  }

  #take(): StoreChanges {
    const { recordOf, nameOf, lastNumber } = this.#options
    const monitors: StoredMonitor[] = []
    const forgotten = this.#forgotten
    const alerts: StoredAlert[] = []
    for (const monitor of this.#dirty) {
      if (monitors.length + forgotten.length >= MAX_COMMIT) break
      this.#dirty.delete(monitor)
      const record = recordOf(monitor)
      const name = nameOf(monitor)
      if (record !== undefined) {
        this.#kept.add(name)
        monitors.push(record)
      } else if (this.#kept.delete(name)) forgotten.push(name)
      const told = this.#alerts.get(name)
      if (told === undefined) continue
      alerts.push(...told)
      this.#alerts.delete(name)
    }
    // Of monitors that are no more, or of which nothing else has changed.
    if (this.#dirty.size === 0) {
      for (const told of this.#alerts.values()) alerts.push(...told)
      this.#alerts.clear()
    }
    const beats: StoredBeat[] = []
    for (const [name, at] of this.#beats) {
      if (beats.length >= MAX_BEATS) break
      this.#beats.delete(name)
      beats.push({ name, at })
    }
    // What was heard until then is kept, once the last of it is.
    const heardUntil = this.#beats.size === 0 ? this.#heardUntil : undefined
    if (this.#beats.size === 0) this.#heardUntil = undefined
    const changes = {
      ...{ monitors, forgotten, alerts, beats, heardUntil },
      delivered: this.#delivered,
      dead: this.#dead,
      redriven: this.#redriven,
      lastNumber: lastNumber(),
    }
    this.#forgotten = []
    this.#delivered = []
    this.#dead = []
    this.#redriven = []
    return changes
  }

  async #commit(changes: StoreChanges): Promise<void> {
    const { store, logger } = this.#options
    for (;;) {
      try {
        await store.commit(changes)
        this.#failure = undefined
        break
      } catch (error) {
        if (this.#failure === undefined) logger?.error({ err: error }, 'the state of monitors could not be kept')
        this.#failure = error instanceof Error ? error.message : String(error)
        this.#tell(changes.alerts)
        for (const alerts of this.#alerts.values()) this.#tell(alerts)
        if (this.#isOpen) await this.#pause()
        if (!this.#isOpen) return
      }
    }
    this.#tell(changes.alerts)
    for (const alert of changes.alerts) this.#told.delete(alert)
    if (changes.redriven.length > 0) this.#options.onAlerts(changes.redriven.map(({ alert }) => alert))
  }

  /** Lets alerts be delivered, each once. */
  #tell(alerts: readonly StoredAlert[]): void {
    const fresh = alerts.filter((alert) => alert.attempts === 0 && !this.#told.has(alert))
    if (fresh.length === 0) return
    for (const alert of fresh) this.#told.add(alert)
    this.#options.onAlerts(fresh)
  }

  /** Until another attempt, or the end. */
  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(RETRY_MS, resolve)
      this.#stopWaiting = () => {
        timer.cancel()
        resolve()
      }
    })
  }
}

function isEmpty({ monitors, forgotten, alerts, delivered, dead, redriven, beats, heardUntil }: StoreChanges): boolean {
  const lists = [monitors, forgotten, alerts, delivered, dead, redriven, beats]
  return heardUntil === undefined && lists.every(({ length }) => length === 0)
}
