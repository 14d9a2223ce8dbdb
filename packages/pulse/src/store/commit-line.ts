import type { Clock } from '@millrace/kernel/clock'
import type { Logger } from '../pulse.ts'
import { isEmpty, PendingChanges, type PendingChangesOptions } from './pending-changes.ts'
import type { AlertKey, PulseStore, StoreChanges, StoredAlert, StoredBeat } from './pulse-store.ts'

/** Most monitors in a commit, and in one for which somebody waits: whoever asks meanwhile waits for it, 1 ms for each hundred where the disk is quick. */
const MAX_COMMIT = 500
export const MAX_AWAITED_COMMIT = 100
const RETRY_MS = 1000

export interface CommitLineOptions extends PendingChangesOptions {
  readonly store: PulseStore
  readonly clock: Clock
  readonly logger: Logger | undefined
  /** Alerts are durable, or the store does not work: they are to be delivered. */
  readonly onAlerts: (alerts: readonly StoredAlert[]) => void
}

type Resolve = (isDurable: boolean) => void

/**
 * What changed, on its way into the store: one commit at a time, of what has changed since the last, the oldest first; a monitor for which somebody waits goes
 * before all others, in a small commit.
 *
 * A monitor that changes often is written as it is when its commit begins. Where the store fails, it is tried again until it works; alerts do not wait for
 * that, as somebody should hear of what is wrong; interventions do.
 */
export class CommitLine {
  readonly #options: CommitLineOptions
  readonly #pending: PendingChanges
  /** Who waits for all there is, and by monitor who waits for that one. */
  #waiting: Resolve[] = []
  readonly #awaited = new Map<number, Resolve[]>()
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
    this.#pending = new PendingChanges(options)
  }

  /** Why the store does not work; undefined when it does. */
  get failure(): string | undefined {
    return this.#failure
  }

  /** The store is open, and has these names: what has changed so far is committed, and what does from now on. */
  start(kept: Iterable<string>): void {
    this.#pending.keeps(kept)
    this.#isOpen = true
    if (!this.#pending.isEmpty) this.#schedule()
  }

  /** Commits no more, whether the store works or not. */
  stop(): void {
    this.#isOpen = false
    this.#stopWaiting?.()
  }

  changed(monitor: number): void {
    this.#pending.changed(monitor)
    this.#schedule()
  }

  forget(name: string): void {
    if (this.#pending.forget(name)) this.#schedule()
  }

  /** A monitor's number is not its own any more. */
  removed(monitor: number): void {
    this.#pending.removed(monitor)
    this.#settle(monitor, false)
  }

  /** An alert is to be delivered; or, if it was tried, to be kept with its attempts. */
  alert(alert: StoredAlert): void {
    this.#pending.alert(alert)
    this.#schedule()
  }

  delivered(key: AlertKey): void {
    this.#drop(key)
    this.#pending.delivered(key)
    this.#schedule()
  }

  dead(alert: StoredAlert, error: string): void {
    this.#drop(alert)
    this.#pending.dead(alert, error)
    this.#schedule()
  }

  /** A dead letter is to be delivered after all. */
  redrive(id: number, alert: StoredAlert): void {
    this.#pending.redrive(id, alert)
    this.#schedule()
  }

  /** When services called, up to a time. */
  heard(beats: readonly StoredBeat[], until: number): void {
    this.#pending.heard(beats, until)
    this.#schedule()
  }

  /** Resolves once all that changed so far is durable, with true; or, after `withinMs`, with false. With a monitor: what is known now of that one alone. */
  durable(withinMs: number, monitor?: number): Promise<boolean> {
    if (monitor !== undefined) this.#pending.changed(monitor)
    else if (!this.#isCommitting && this.#pending.isEmpty) return Promise.resolve(true)
    this.#schedule()
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(withinMs, () => resolve(false))
      const settle = (isDurable: boolean) => {
        timer.cancel()
        resolve(isDurable)
      }
      if (monitor === undefined) this.#waiting.push(settle)
      else this.#awaited.set(monitor, [...(this.#awaited.get(monitor) ?? []), settle])
    })
  }

  /** What is over needs not be kept any more, if it was told before it could be. */
  #drop({ monitor, code, route, incident }: AlertKey): void {
    this.#pending.dropAlerts(monitor, (alert) => {
      const isOfKey = alert.code === code && alert.route === route && alert.incident === incident
      return isOfKey && this.#told.has(alert)
    })
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
    while (!this.#pending.isEmpty && this.#isOpen) {
      const waiting = this.#waiting
      this.#waiting = []
      const awaited = [...this.#awaited.keys()]
      const settles = awaited.flatMap((monitor) => this.#awaited.get(monitor)!)
      this.#awaited.clear()
      const changes = this.#pending.take(awaited, awaited.length > 0 ? MAX_AWAITED_COMMIT : MAX_COMMIT)
      const isAll = !this.#pending.isMore
      if (!isEmpty(changes)) await this.#commit(changes)
      for (const settle of settles) settle(this.#failure === undefined)
      if (isAll) for (const resolve of waiting) resolve(this.#failure === undefined)
      else this.#waiting.unshift(...waiting)
    }
    this.#isCommitting = false
    for (const monitor of this.#awaited.keys()) this.#settle(monitor, false)
    for (const resolve of this.#waiting.splice(0)) resolve(this.#pending.isEmpty && this.#failure === undefined)
  }

  /** Tells those who wait for a monitor. */
  #settle(monitor: number, isDurable: boolean): void {
    const settles = this.#awaited.get(monitor) ?? []
    this.#awaited.delete(monitor)
    for (const settle of settles) settle(isDurable)
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
        for (const alerts of this.#pending.alerts()) this.#tell(alerts)
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
