import type { Code } from '../lifecycle/states.ts'
import type { Alert } from './channel.ts'

const HAPPENED: Readonly<Record<Code, string>> = {
  red: 'is down',
  yellow: 'is degraded',
  green: 'is up again',
  cyan: 'was repaired and is being verified',
  gray: 'had a repair of which nobody knows how it ended',
}

/** An alert in a line: `api is down`. */
export function headline(alert: Alert): string {
  return `${oneLine(alert.monitor)} ${isFarewell(alert) ? 'is not monitored any more' : HAPPENED[alert.code]}`
}

/** Whether it is the last that is heard of an incident whose monitor was taken out of the manifest. */
export function isFarewell({ code, state }: Alert): boolean {
  return code === 'gray' && state === 'disabled'
}

/** An alert as JSON, times as ISO 8601. */
export function alertJson(alert: Alert): Record<string, unknown> {
  return { ...alert, at: isoTime(alert.at), since: isoTime(alert.since) }
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

/** At most so many characters, the last of them `…` where there were more; no character is cut in two. */
export function shortened(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  return `${text.slice(0, maxChars - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** Without line breaks and other control characters. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}
