import type { Alert } from './channel.ts'
import { isoTime } from './wording.ts'

/** What stands for `{{name}}`. */
const FIELDS: Readonly<Record<string, (alert: Alert) => string>> = {
  id: ({ id }) => id,
  monitor: ({ monitor }) => monitor,
  code: ({ code }) => code,
  state: ({ state }) => state,
  incident: ({ incident }) => incident,
  reason: ({ reason }) => reason,
  at: ({ at }) => isoTime(at),
  since: ({ since }) => isoTime(since),
  tags: ({ tags }) => tags.join(', '),
}

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g

/** What is wrong with a template, in a sentence; undefined if nothing is. */
export function faultOfTemplate(template: string): string | undefined {
  for (const [, name = ''] of template.matchAll(PLACEHOLDER)) {
    if (Object.hasOwn(FIELDS, name)) continue
    return `must have no {{${name}}}: there are ${Object.keys(FIELDS).join(', ')}`
  }
  return undefined
}

/** The template with each `{{name}}` replaced by what the alert has of it, written so that the whole stays of its media type: JSON, a form, or text. */
export function fillTemplate(template: string, alert: Alert, mediaType: string): string {
  const escaped = escaping(mediaType)
  return template.replace(PLACEHOLDER, (_, name: string) => escaped(FIELDS[name]?.(alert) ?? ''))
}

function escaping(mediaType: string): (text: string) => string {
  if (/json/i.test(mediaType)) return (text) => JSON.stringify(text).slice(1, -1)
  if (/x-www-form-urlencoded/i.test(mediaType)) return encodeURIComponent
  if (/xml|html/i.test(mediaType)) return (text) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
  return (text) => text
}
