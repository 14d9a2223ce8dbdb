import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger } from '@millrace/kernel/options'
import type { AlertDelivery } from '../alerts/alert-delivery.ts'
import type { AlertDesk } from '../alerts/alert-desk.ts'
import { routeId } from '../alerts/route-id.ts'
import type { Kinds } from '../kinds.ts'
import { awaitsIntervention } from '../lifecycle/lifecycle.ts'
import { Event, State } from '../lifecycle/states.ts'
import type { Ward } from '../lifecycle/ward.ts'
import type { LoadReport, Logger } from '../pulse.ts'
import type { MaintenanceWatch } from '../schedule/maintenance-watch.ts'
import type { CommitLine } from '../store/commit-line.ts'
import type { StoredAlert, StoredMonitor } from '../store/pulse-store.ts'
import { loadMonitors } from './load-monitors.ts'
import type { MonitorBatch, Profile, Route } from './monitor.ts'
import { Flag, MAX_THRESHOLD, type MonitorTable } from './monitor-table.ts'
import type { ProfileTable } from './profile-table.ts'
import { restore } from './stored-monitor.ts'

export interface RosterOptions {
  readonly table: MonitorTable
  readonly profiles: ProfileTable
  readonly kinds: Kinds
  readonly clock: Clock
  readonly logger: Logger | undefined
  readonly ward: Ward
  readonly desk: AlertDesk
  readonly delivery: AlertDelivery
  readonly commits: CommitLine
  readonly maintenance: MaintenanceWatch
  readonly isRunning: () => boolean
  /** A monitor waits for an intervention since before a restart. */
  readonly askAgain: (monitor: number) => void
}

/** So many names in a line of the log. */
const MOST_NAMES = 10

/**
 * Who is watched: what manifests say, and what was kept of it, become monitors; and what is no longer said leaves, with what there is still to tell of it.
 *
 * Before the store is open and the pulse runs, monitors wait in the table; then they enter, in the state that was kept of them, where they say what they said then.
 */
export class Roster {
  readonly #options: RosterOptions
  /** What was kept of monitors that have not been loaded yet, by name; and alerts, where none has. */
  readonly #kept = new Map<string, StoredMonitor>()
  #homeless: readonly StoredAlert[] = []
  /** Of monitors that are no more, as long as anything is to be told of them. */
  readonly #gone = new Map<string, Profile>()

  constructor(options: RosterOptions) {
    this.#options = options
  }

  /** What was kept is known now: all that have been loaded enter. */
  open(monitors: readonly StoredMonitor[], alerts: readonly StoredAlert[]): void {
    const { table, desk, delivery } = this.#options
    for (const stored of monitors) {
      const number = table.find(stored.name)
      if (number < 0) this.#kept.set(stored.name, stored)
      else this.#restore(number, stored)
    }
    if (table.size > 0) this.#forgetOthers()
    for (const alert of alerts) desk.restore(alert)
    // Where each goes is known once its monitor is.
    if (table.size > 0) for (const alert of alerts) delivery.add(alert)
    else this.#homeless = alerts
    for (let number = 0; number < table.end; number++) if (table.has(number)) this.#enter(number)
  }

  /** The wall clock was set: what is kept goes by it, and is kept anew. O(monitors of which anything is remembered). */
  keepTimes(): void {
    const { table, commits, isRunning } = this.#options
    if (isRunning()) for (const monitor of table.remembered.keys()) commits.changed(monitor)
  }

  /** Makes the monitors be those of `batches`. One call at a time. @throws {MillraceError} `MONITOR_DUPLICATE`, `KIND_UNKNOWN`, `OPTION_INVALID`. */
  async load(batches: AsyncIterable<MonitorBatch> | Iterable<MonitorBatch>): Promise<LoadReport> {
    const { clock, isRunning, table, profiles, kinds, desk, ward, commits, delivery, maintenance } = this.#options
    const report = await loadMonitors(batches, {
      table,
      profiles,
      checkProfile: (profile) => this.#checkProfile(profile),
      onAdded: (monitor) => {
        table.state[monitor] = this.firstState(monitor)
        const stored = this.#kept.size === 0 ? undefined : this.#kept.get(table.nameOf(monitor))
        if (stored !== undefined) this.#restore(monitor, stored)
        if (isRunning()) this.#enter(monitor)
      },
      onChanged: (monitor, apply) => {
        if (isRunning()) ward.left(monitor)
        apply()
        table.generation[monitor]!++
        for (const column of [table.passes, table.failures, table.history]) column[monitor] = 0
        table.state[monitor] = this.firstState(monitor)
        if (isRunning()) {
          this.#enter(monitor)
          commits.changed(monitor)
        }
      },
      onRemoved: (monitor, apply) => {
        const name = table.nameOf(monitor)
        const profile = profiles.get(table.profile[monitor]!)
        kinds.beats.forget(name)
        if (isRunning()) {
          desk.left(monitor, clock.wallNow())
          ward.left(monitor)
          commits.removed(monitor)
          commits.forget(name)
          if (desk.hasWaiting(name)) this.#gone.set(name, profile)
        }
        const isUnderWay = (table.flags[monitor]! & Flag.UNDER_WAY) !== 0
        apply()
        // A check that is under way still has the number.
        if (!isUnderWay) table.free(monitor)
      },
      turn: () => new Promise((resolve) => clock.after(0, resolve)),
    })
    delivery.reroute()
    for (const alert of this.#homeless) {
      // Only now there is somebody to show it of.
      desk.restore(alert)
      delivery.add(alert)
    }
    this.#homeless = []
    if (isRunning()) this.#forgetOthers()
    maintenance.changed()
    return report
  }

  /** What was kept of monitors that no manifest has any more. */
  #forgetOthers(): void {
    const { commits, kinds, logger, table } = this.#options
    kinds.beats.forgetOthers((name) => table.find(name) >= 0)
    const ill: string[] = []
    for (const { name, told } of this.#kept.values()) {
      commits.forget(name)
      if (told !== 0) ill.push(name)
    }
    this.#kept.clear()
    if (ill.length === 0) return
    // Where they were told of went with the manifest that they were in.
    const fields = { count: ill.length, monitors: ill.slice(0, MOST_NAMES) }
    logger?.warn(fields, 'monitors that were ill are in no manifest any more')
  }

  /** What a monitor's manifest says, as a number: the same in another process. */
  saidOf(monitor: number): number {
    const { table, profiles } = this.#options
    return (profiles.hashOf(table.profile[monitor]!) ^ table.targetHashOf(monitor)) >>> 0
  }

  /** Whoever read the manifest may have known kinds that are not here; and a batch need not come from a manifest. */
  #checkProfile({ check, intervention, codes }: Profile): void {
    for (const name of ['unhealthyThreshold', 'healthyThreshold'] as const) {
      checkInteger('Pulse.load', `check.${name}`, check[name], { min: 1, max: MAX_THRESHOLD })
    }
    const { checks, interventions, channels } = this.#options.kinds
    const routes = Object.values(codes).flat()
    const unknown = [
      checks.has(check.type) ? [] : [`check ${JSON.stringify(check.type)}`],
      intervention === undefined || interventions.has(intervention.type)
        ? []
        : [`intervention ${JSON.stringify(intervention.type)}`],
      routes.filter(({ type }) => !channels.has(type)).map(({ type }) => `channel ${JSON.stringify(type)}`),
    ].flat()
    if (unknown.length === 0) return
    throw new MillraceError(
      'KIND_UNKNOWN',
      `Pulse: nobody here knows the ${unknown[0]}; give createPulse the kinds that the manifest was read with`,
      { detail: { unknown } },
    )
  }

  firstState(monitor: number): State {
    const { table, profiles } = this.#options
    const isPaused = (table.flags[monitor]! & Flag.PAUSED) !== 0
    const { isEnabled } = profiles.get(table.profile[monitor]!)
    return isEnabled && !isPaused ? State.UNKNOWN : State.DISABLED
  }

  /** A monitor is there from now on, in the state its column has. */
  #enter(monitor: number): void {
    const { table, ward, askAgain, maintenance } = this.#options
    ward.entered(monitor)
    // Nobody knows what became of an intervention that was under way when the last process ended.
    if (table.state[monitor] === State.PENDING) {
      ward.happen(monitor, Event.TIMED_OUT, 'Millrace was restarted while an intervention was under way')
    } else if (awaitsIntervention(table.state[monitor] as State)) askAgain(monitor)
    maintenance.entered(monitor)
  }

  #restore(monitor: number, stored: StoredMonitor): void {
    const { table, clock, commits } = this.#options
    this.#kept.delete(stored.name)
    const wasEnabled = table.state[monitor] !== State.DISABLED
    restore(monitor, stored, table, clock)
    // As it is by this clock, so that the next process need not guess again.
    if (clock.wallNow() < stored.keptAt) commits.changed(monitor)
    // What the manifest says now counts; and whether it is in maintenance is found out anew.
    const isPaused = (table.flags[monitor]! & Flag.PAUSED) !== 0
    const isAnother = stored.said !== this.saidOf(monitor)
    if (isAnother) for (const column of [table.passes, table.failures, table.history]) column[monitor] = 0
    if (!wasEnabled || isPaused) table.state[monitor] = State.DISABLED
    else if (isAnother || stored.state === State.DISABLED || stored.state === State.MAINTENANCE) {
      table.state[monitor] = State.UNKNOWN
    }
  }

  /** Where an alert goes; one of a monitor that was taken out before a restart goes where it was to go, if any other leads there. */
  routeOf({ monitor, code, route }: StoredAlert): Route | undefined {
    const profile = this.profileOf(monitor)
    const routes = profile === undefined ? this.#allRoutes() : (profile.codes[code] ?? [])
    for (const each of routes) if (routeId(each) === route) return each
    return undefined
  }

  /** Of a monitor that is there, or was when it was told of. */
  profileOf(name: string): Profile | undefined {
    const { table, profiles } = this.#options
    const number = table.find(name)
    return number < 0 ? this.#gone.get(name) : profiles.get(table.profile[number]!)
  }

  /** An alert was delivered, or will never be. */
  settled(alert: StoredAlert): void {
    const { desk } = this.#options
    desk.settled(alert)
    const gone = this.#gone.get(alert.monitor)
    if (gone !== undefined && !desk.hasWaiting(alert.monitor)) this.#gone.delete(alert.monitor)
  }

  *#allRoutes(): Generator<Route> {
    const { profiles } = this.#options
    for (const number of profiles.numbers()) {
      for (const routes of Object.values(profiles.get(number).codes)) yield* routes
    }
  }
}
