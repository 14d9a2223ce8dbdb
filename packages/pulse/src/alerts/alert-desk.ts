import { CODES, type Code, State } from '../lifecycle/states.ts'
import type { Profile } from '../monitors/monitor.ts'
import { Flag, type MonitorTable } from '../monitors/monitor-table.ts'
import type { ProfileTable } from '../monitors/profile-table.ts'
import type { AlertKey, StoredAlert } from '../store/pulse-store.ts'
import { routeId } from './route-id.ts'

/** The colour of each state, by its number; of some there is none to tell. */
const CODE_OF_STATE: readonly (Code | undefined)[] = [
  undefined, // unknown
  'green', // up
  'yellow', // degraded
  'red', // down
  'yellow', // needed
  'yellow', // pending
  'gray', // held
  'cyan', // verifying
  undefined, // disabled
  undefined, // maintenance
]

export interface AlertDeskOptions {
  readonly table: MonitorTable
  readonly profiles: ProfileTable
  /** Between two alerts of a monitor; green may pass. */
  readonly coolDownMs: number
  /** An alert is to be kept, and then delivered. */
  readonly send: (alert: StoredAlert) => void
  /** An alert has been delivered, or is dead: it is not to be kept any more. */
  readonly settle: (key: AlertKey) => void
  readonly changed: (monitor: number) => void
}

/**
 * Who is told what: what may be told now leaves, what may not is owed.
 *
 * - While a monitor is silenced, acknowledged, flapping or cooling down nothing is told of it; green passes all but silence and flapping. What is owed then is the colour
 *   that it has when it may be told, unless that was told last.
 * - Green is told of what something else was told of before.
 * - Each colour has a place of its own in the outbox: none takes the place of another, and a new one of the same colour takes that of the old.
 */
export class AlertDesk {
  readonly #options: AlertDeskOptions
  /** What has not been delivered, by monitor, colour and route. */
  readonly #outbox = new Map<string, StoredAlert>()
  suppressed = 0

  constructor(options: AlertDeskOptions) {
    this.#options = options
  }

  /** Alerts that have not been delivered. */
  get waiting(): number {
    return this.#outbox.size
  }

  /** Something happened that has a colour. */
  tell(monitor: number, code: Code, reason: string, at: number): void {
    const { table } = this.#options
    const isEnd = code === 'green'
    if (isEnd && table.told[monitor] === 0) {
      table.flags[monitor]! &= ~Flag.OWES
      return
    }
    if (this.#isHeld(monitor, isEnd, at)) {
      this.suppressed++
      table.flags[monitor]! |= Flag.OWES
      return
    }
    table.flags[monitor]! &= ~Flag.OWES
    const isSent = this.#send(monitor, code, reason, at)
    if (isEnd) table.told[monitor] = 0
    if (!isSent) return
    if (!isEnd) table.told[monitor] = CODES.indexOf(code) + 1
    table.remember(monitor).alertAt = at
  }

  /** Something is owed: it is told, if it may be by now. */
  remind(monitor: number, at: number): void {
    const { table, changed } = this.#options
    if ((table.flags[monitor]! & Flag.OWES) === 0) return
    const code = CODE_OF_STATE[table.state[monitor]!]
    if (code === undefined || this.#isHeld(monitor, code === 'green', at)) return
    table.flags[monitor]! &= ~Flag.OWES
    if (table.told[monitor] !== CODES.indexOf(code) + 1) {
      const reason = code === 'green' ? 'it is well again' : (table.remembered.get(monitor)?.reason ?? '')
      this.tell(monitor, code, reason, at)
    }
    changed(monitor)
  }

  /** A monitor is no more: who was told that it is ill, and not yet that it is well, is told so. */
  left(monitor: number, at: number): void {
    const { table } = this.#options
    if (table.told[monitor] !== 0) {
      this.#send(monitor, 'gray', 'it is not monitored any more', at, State.DISABLED)
    }
  }

  /** Whether anything has not been delivered of a monitor that has, or had, this profile. */
  hasWaiting(monitor: string, profile: Profile): boolean {
    return CODES.some((code) =>
      (profile.codes[code] ?? []).some((route) => this.#outbox.has(keyOf({ monitor, code, route: routeId(route) }))),
    )
  }

  /** An alert was delivered, or will never be. */
  settled(alert: StoredAlert): void {
    const key = keyOf(alert)
    // One that came meanwhile has its place, and is still to be delivered.
    if (this.#outbox.get(key)?.at !== alert.at) return
    this.#outbox.delete(key)
    this.#options.settle({ monitor: alert.monitor, code: alert.code, route: alert.route })
    this.#showOutbox(alert)
  }

  /** An alert from before a restart, which has not been delivered. */
  restore(alert: StoredAlert): void {
    this.#outbox.set(keyOf(alert), alert)
    this.#showOutbox(alert)
  }

  #isHeld(monitor: number, isEnd: boolean, at: number): boolean {
    const { table, coolDownMs } = this.#options
    const flags = table.flags[monitor]!
    const remembered = table.remembered.get(monitor)
    if (remembered !== undefined && remembered.silencedUntil > at) return true
    if ((flags & Flag.FLAPPING) !== 0) return true
    if (isEnd) return false
    if ((flags & Flag.ACKNOWLEDGED) !== 0) return true
    const last = remembered?.alertAt ?? 0
    // A clock that was set back does not keep people waiting.
    return last !== 0 && at >= last && at - last < coolDownMs
  }

  /** Sends an alert to all that are to hear of that colour; says whether there are any. */
  #send(monitor: number, code: Code, reason: string, at: number, told?: State): boolean {
    const { table, profiles, send } = this.#options
    const state = told ?? (table.state[monitor] as State)
    const routes = profiles.get(table.profile[monitor]!).codes[code] ?? []
    for (const route of routes) {
      const since = table.remember(monitor).incidentAt || at
      const alert: StoredAlert = {
        monitor: table.nameOf(monitor),
        code,
        route: routeId(route),
        incident: since,
        state,
        reason,
        at,
        since,
        attempts: 0,
      }
      this.#outbox.set(keyOf(alert), alert)
      table.outbox[monitor]! |= 1 << CODES.indexOf(code)
      send(alert)
    }
    return routes.length > 0
  }

  /** The bit of a colour is set as long as any of its routes waits. */
  #showOutbox({ monitor, code }: StoredAlert): void {
    const { table, profiles } = this.#options
    const number = table.find(monitor)
    if (number < 0) return
    const routes = profiles.get(table.profile[number]!).codes[code] ?? []
    const isWaiting = routes.some((route) => this.#outbox.has(keyOf({ monitor, code, route: routeId(route) })))
    const bit = 1 << CODES.indexOf(code)
    table.outbox[number] = isWaiting ? table.outbox[number]! | bit : table.outbox[number]! & ~bit
  }
}

function keyOf({ monitor, code, route }: AlertKey): string {
  return `${code} ${route} ${monitor}`
}
