import { croner } from '../host/rare-packages.ts'
import type { MaintenanceWindow } from '../monitors/monitor.ts'
import type { FieldsReader } from './fields-reader.ts'

const MAX_DURATION_MS = 31 * 86_400_000

/** Reads a window of maintenance. */
export function readMaintenance(fields: FieldsReader): MaintenanceWindow {
  const cron = fields.string('cron')
  const durationMs = fields.durationMs('duration', { min: 1000, max: MAX_DURATION_MS })
  const timezone = fields.string('timezone', 'UTC')
  fields.end()
  if (!isTimezone(timezone)) {
    fields.fault(
      'timezone',
      `must be a name such as UTC or Europe/Berlin, not ${JSON.stringify(timezone.slice(0, 80))}`,
    )
  } else if (cron !== '') {
    const wrong = whatIsWrong(cron, timezone)
    if (wrong !== undefined) fields.fault('cron', wrong)
  }
  return { cron, durationMs, timezone }
}

function whatIsWrong(cron: string, timezone: string): string | undefined {
  const shown = JSON.stringify(cron.slice(0, 80))
  const fix = 'use five fields, minute, hour, day, month and weekday, such as "0 2 * * *"'
  // Longer ones are none; six fields have seconds, and seven years.
  if (cron.length > 200 || !/^(?:\S+\s+){4,5}\S+$/.test(cron.trim())) return `is ${shown}: ${fix}`
  const { Cron } = croner()
  try {
    if (new Cron(cron, { paused: true, timezone }).nextRun() === null) return `is ${shown}, which never comes: ${fix}`
    return undefined
  } catch {
    return `is ${shown}: ${fix}`
  }
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
