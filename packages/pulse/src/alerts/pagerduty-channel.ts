import type { Code } from '../lifecycle/states.ts'
import type { Alert, ChannelKind } from './channel.ts'
import { httpAddress } from './http-address.ts'
import { sendRequest } from './send-request.ts'
import { headline, isFarewell, isoTime, shortened } from './wording.ts'

const EVENTS_V2 = 'https://events.pagerduty.com/v2/enqueue'

const SEVERITIES: Readonly<Record<Exclude<Code, 'green'>, string>> = {
  red: 'critical',
  yellow: 'warning',
  cyan: 'info',
  gray: 'error',
}

/** PagerDuty's limits. */
const MAX_SUMMARY_CHARS = 1024
const MAX_KEY_CHARS = 255

/** Triggers and resolves incidents of PagerDuty, by version 2 of its events. */
export const pagerdutyChannel: ChannelKind<{ readonly routingKey: string; readonly url: string }> = {
  type: 'pagerduty',

  parse(fields) {
    return { routingKey: fields.string('routing_key'), url: httpAddress(fields, 'url', EVENTS_V2) }
  },

  open({ routingKey, url }) {
    const request = { to: 'PagerDuty', url, method: 'POST', headers: { 'content-type': 'application/json' } }
    return {
      deliver: (alert, signal) => sendRequest({ ...request, body: JSON.stringify(eventOf(alert, routingKey)) }, signal),
      async [Symbol.asyncDispose]() {},
    }
  },
}

function eventOf(alert: Alert, routingKey: string): object {
  const { code, monitor, incident, at, tags, reason } = alert
  // Of a long name the end is kept: it has the number.
  const key = { routing_key: routingKey, dedup_key: incident.slice(-MAX_KEY_CHARS) }
  if (code === 'green' || isFarewell(alert)) return { ...key, event_action: 'resolve' }
  return {
    ...key,
    event_action: 'trigger',
    payload: {
      summary: shortened(`${headline(alert)}${reason === '' ? '' : `: ${reason}`}`, MAX_SUMMARY_CHARS),
      source: monitor,
      severity: SEVERITIES[code],
      timestamp: isoTime(at),
      component: monitor,
      class: code,
      custom_details: { state: alert.state, reason, since: isoTime(alert.since), tags },
    },
  }
}
