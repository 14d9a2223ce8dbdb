import type { Clock } from '@millrace/kernel/clock'
import { CODES, type Code, State } from '../lifecycle/states.ts'
import { Flag, type MonitorTable, NEVER } from '../monitors/monitor-table.ts'
import type { Numbering } from '../monitors/numbering.ts'
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
  'red', // overdue
]

export interface AlertDeskOptions {
  readonly table: MonitorTable
  readonly profiles: ProfileTable
  readonly clock: Clock
  readonly numbering: Numbering
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
 * - Green is told of what something else was told of before, and no colour is told again that was told last.
 * - Each incident has a place of its own in the outbox for each of its colours: none takes the place of another, and a new one of the same colour takes that of the old.
 */
export class AlertDesk {
  readonly #options: AlertDeskOptions
  /** What has not been delivered, by monitor: one of each incident, colour and route. */
  readonly #outbox = new Map<string, StoredAlert[]>()
  #waiting = 0
  suppressed = 0

  constructor(options: AlertDeskOptions) {
    this.#options = options
  }

  /** Alerts that have not been delivered. */
  get waiting(): number {
    return this.#waiting
  }

  /** Something happened that has a colour; if that was told last, people know. */
  tell(monitor: number, code: Code, reason: string, at: number): void {
    const { table } = this.#options
    if (table.told[monitor] === CODES.indexOf(code) + 1) table.flags[monitor]! &= ~Flag.OWES
    else this.announce(monitor, code, reason, at)
  }

  /** Something happened that is to be told, whatever was told last. */
  announce(monitor: number, code: Code, reason: string, at: number): void {
    const { table, clock } = this.#options
    const isEnd = code === 'green'
    if (isEnd && table.told[monitor] === 0) {
      table.flags[monitor]! &= ~Flag.OWES
      return
    }
    if (this.#isHeld(monitor, isEnd)) {
      this.suppressed++
      table.flags[monitor]! |= Flag.OWES
      return
    }
    table.flags[monitor]! &= ~Flag.OWES
    const isSent = this.#send(monitor, code, reason, at)
    if (isEnd) table.told[monitor] = 0
    if (!isSent) return
    if (!isEnd) table.told[monitor] = CODES.indexOf(code) + 1
    table.remember(monitor).alertAt = clock.now()
  }

  /** Something is owed: it is told, if it may be by now. */
  remind(monitor: number, at: number): void {
    const { table, changed } = this.#options
    if ((table.flags[monitor]! & Flag.OWES) === 0) return
    const code = CODE_OF_STATE[table.state[monitor]!]
    if (code === undefined || this.#isHeld(monitor, code === 'green')) return
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

  /** Whether anything has not been delivered of a monitor that is, or was. */
  hasWaiting(monitor: string): boolean {
    return this.#outbox.has(monitor)
  }

  /** Whether the alert of a key has not been delivered. */
  waits(key: AlertKey): boolean {
    return this.#outbox.get(key.monitor)?.some((other) => isOfKey(other, key)) === true
  }

  /** An alert was delivered, or will never be. */
  settled(alert: StoredAlert): void {
    const { monitor, code, route, incident, number } = alert
    const waiting = this.#outbox.get(monitor) ?? []
    // One that came meanwhile has its place, and is still to be delivered.
    const at = waiting.findIndex((other) => isOfKey(other, alert) && other.number === number)
    if (at === -1) return
    waiting.splice(at, 1)
    this.#waiting--
    if (waiting.length === 0) this.#outbox.delete(monitor)
    this.#options.settle({ monitor, code, route, incident })
    this.#showOutbox(monitor)
  }

  /** An alert from before, which has not been delivered. */
  restore(alert: StoredAlert): void {
    this.#keep(alert)
    this.#showOutbox(alert.monitor)
  }

  #keep(alert: StoredAlert): void {
    const waiting = this.#outbox.get(alert.monitor)
    if (waiting === undefined) this.#outbox.set(alert.monitor, [alert])
    else {
      const same = waiting.findIndex((other) => isOfKey(other, alert))
      if (same === -1) waiting.push(alert)
      else {
        waiting[same] = alert
        return
      }
    }
    this.#waiting++
  }

  #isHeld(monitor: number, isEnd: boolean): boolean {
    const { table, coolDownMs, clock } = this.#options
    const flags = table.flags[monitor]!
    const remembered = table.remembered.get(monitor)
    const { silencedUntil = NEVER, alertAt = NEVER } = remembered ?? {}
    if (silencedUntil > clock.now()) return true
    if ((flags & Flag.FLAPPING) !== 0) return true
    if (isEnd) return false
    if ((flags & Flag.ACKNOWLEDGED) !== 0) return true
    return clock.now() - alertAt < coolDownMs
  }

  /** Sends an alert to all that are to hear of that colour; says whether there are any. */
  #send(monitor: number, code: Code, reason: string, at: number, told?: State): boolean {
    const { table, profiles, numbering, send } = this.#options
    const state = told ?? (table.state[monitor] as State)
    const routes = profiles.get(table.profile[monitor]!).codes[code] ?? []
    if (routes.length === 0) return false
    const number = numbering.next()
    const { incidentAt, incident } = table.remember(monitor)
    for (const route of routes) {
      const alert: StoredAlert = {
        monitor: table.nameOf(monitor),
        code,
        route: routeId(route),
        channel: route.endpoint ?? route.type,
        incident: incident || number,
        number,
        state,
        reason,
        at,
        since: incidentAt || at,
        askedAt: at,
        attempts: 0,
      }
      this.#keep(alert)
      table.outbox[monitor]! |= 1 << CODES.indexOf(code)
      send(alert)
    }
    return true
  }

  /** The bit of a colour is set as long as any alert of it waits. */
  #showOutbox(monitor: string): void {
    const { table } = this.#options
    const number = table.find(monitor)
    if (number < 0) return
    let bits = 0
    for (const { code } of this.#outbox.get(monitor) ?? []) bits |= 1 << CODES.indexOf(code)
    table.outbox[number] = bits
  }
}

function isOfKey(alert: StoredAlert, { code, route, incident }: AlertKey): boolean {
  return alert.code === code && alert.route === route && alert.incident === incident
}
