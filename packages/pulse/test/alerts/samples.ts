import type { Alert } from '../../src/alerts/channel.ts'
import { State } from '../../src/lifecycle/states.ts'
import type { StoredAlert } from '../../src/store/pulse-store.ts'

export function storedAlert(fields: Partial<StoredAlert> = {}): StoredAlert {
  return {
    monitor: 'api',
    code: 'red',
    route: 0,
    channel: 'ops',
    incident: 1000,
    number: fields.at ?? 2000,
    state: State.DOWN,
    reason: 'connection refused',
    at: 2000,
    since: 1000,
    askedAt: fields.at ?? 2000,
    attempts: 0,
    ...fields,
  }
}

export const ALERT: Alert = {
  id: 'api#1/red/1795305600000',
  monitor: 'api',
  code: 'red',
  state: 'down',
  incident: 'api#1',
  reason: 'connection refused',
  at: 1_795_305_600_000,
  since: 1_795_305_540_000,
  tags: ['prod', 'eu'],
}
