import { STATE_NAMES } from '../lifecycle/states.ts'
import type { StoredAlert } from '../store/pulse-store.ts'
import type { Alert } from './channel.ts'

/** An alert as it is told: the same of the same, also after a restart. */
export function toldAlert(alert: StoredAlert, tags: readonly string[]): Alert {
  const { monitor, code, number, reason, at, since } = alert
  const incident = incidentId(monitor, alert.incident)
  return {
    id: `${incident}/${code}/${number}`,
    monitor,
    code,
    state: STATE_NAMES[alert.state]!,
    incident,
    reason,
    at,
    since,
    tags,
  }
}

/** What names an incident wherever it is told or acted upon. */
export function incidentId(monitor: string, incident: number): string {
  return `${monitor}#${incident}`
}
