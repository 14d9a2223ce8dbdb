import type { Clock, Timer } from '@millrace/kernel/clock'
import { Event } from '../lifecycle/states.ts'
import type { MaintenanceWindow } from '../monitors/monitor.ts'
import type { MonitorTable } from '../monitors/monitor-table.ts'
import type { ProfileTable } from '../monitors/profile-table.ts'
import { Maintenance } from './maintenance.ts'

export interface MaintenanceWatchOptions {
  readonly table: MonitorTable
  readonly profiles: ProfileTable
  readonly clock: Clock
  readonly happen: (monitor: number, event: Event, reason: string) => void
}

/** Of a profile that has windows. */
interface Watch {
  /** As the profile has them: another profile may have its number one day. */
  readonly windows: readonly MaintenanceWindow[]
  readonly maintenance: Maintenance
  isInside: boolean
  changesAt: number
}

/** It is looked at least so often: the wall clock may jump. */
const LONGEST_MS = 60_000

/** Sends monitors into maintenance and takes them back: all of a profile at once, with one timer for all profiles. */
export class MaintenanceWatch {
  readonly #options: MaintenanceWatchOptions
  readonly #watches = new Map<number, Watch>()
  #timer: Timer | undefined
  #isRunning = false

  constructor(options: MaintenanceWatchOptions) {
    this.#options = options
  }

  start(): void {
    this.#isRunning = true
    this.changed()
  }

  stop(): void {
    this.#isRunning = false
    this.#timer?.cancel()
  }

  /** Profiles are others now. */
  changed(): void {
    const { profiles } = this.#options
    const numbers = new Set(profiles.numbers())
    for (const number of this.#watches.keys()) if (!numbers.has(number)) this.#watches.delete(number)
    if (this.#isRunning) this.#look()
  }

  /** A monitor begins to be watched, or has another profile: it may be in a window already. */
  entered(monitor: number): void {
    const watch = this.#watchOf(this.#options.table.profile[monitor]!)
    if (watch?.isInside === true) this.#options.happen(monitor, Event.MAINTAIN, 'maintenance begins')
  }

  #watchOf(profile: number): Watch | undefined {
    const { profiles, clock } = this.#options
    const windows = profiles.get(profile).maintenance
    if (windows.length === 0) return undefined
    let watch = this.#watches.get(profile)
    if (watch?.windows !== windows) {
      const maintenance = new Maintenance(windows)
      watch = { windows, maintenance, ...maintenance.at(clock.wallNow()) }
      this.#watches.set(profile, watch)
      if (this.#isRunning) this.#arm()
    }
    return watch
  }

  readonly #look = (): void => {
    const { clock, table, happen } = this.#options
    const now = clock.wallNow()
    const changed = new Set<number>()
    for (const [profile, watch] of this.#watches) {
      const was = watch.isInside
      Object.assign(watch, watch.maintenance.at(now))
      if (watch.isInside !== was) changed.add(profile)
    }
    if (changed.size > 0) {
      for (let monitor = 0; monitor < table.end; monitor++) {
        const profile = table.profile[monitor]!
        if (!changed.has(profile) || !table.has(monitor)) continue
        if (this.#watches.get(profile)!.isInside) happen(monitor, Event.MAINTAIN, 'maintenance begins')
        else happen(monitor, Event.RESUME, 'maintenance is over')
      }
    }
    this.#arm()
  }

  #arm(): void {
    const { clock } = this.#options
    this.#timer?.cancel()
    this.#timer = undefined
    if (this.#watches.size === 0) return
    const now = clock.wallNow()
    let first = now + LONGEST_MS
    for (const { changesAt } of this.#watches.values()) first = Math.min(first, changesAt)
    this.#timer = clock.after(Math.max(1, first - now), this.#look)
  }
}
