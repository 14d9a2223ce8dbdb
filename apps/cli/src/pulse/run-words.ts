import type { LoadReport, PulseMetrics, RedriveReport } from '@millrace/pulse'
import { formatCount, formatItems } from '../text/numbers.ts'
import type { Style } from '../text/style.ts'

/** What a person needs to know of a pulse that has just been started. */
export interface PulseBanner {
  readonly manifest: string
  readonly monitors: number
  readonly url: string
  readonly tokenFile: string
  readonly stateDir: string
  readonly pid: number
}

export function pulseBanner(facts: PulseBanner, style: Style): string {
  const { manifest, monitors, url, tokenFile, stateDir, pid } = facts
  return `${[
    `${style.bold('Pulse')}   ${formatItems(monitors, 'monitor')} of ${manifest} ${style.dim(`(save it, or kill -HUP ${pid}, and it is read again)`)}`,
    `${style.bold('State')}   ${stateDir}`,
    `${style.bold('API')}     ${url} ${style.dim(`(token in ${tokenFile})`)}`,
    `${style.bold('Try')}     curl -H "authorization: Bearer $(head -1 ${quoted(tokenFile)})" '${url}/monitors?state=down'`,
  ].join('\n')}\n`
}

/** What became of the manifest that was read again. */
export function reloadLine(manifest: string, { added, changed, removed, unchanged }: LoadReport): string {
  if (added + changed + removed === 0) return `${manifest} was read again: nothing is different.`
  return `${manifest} was read again: ${formatCount(added)} added, ${formatCount(changed)} changed, ${formatCount(removed)} removed, ${formatCount(unchanged)} unchanged.`
}

/** What became of the alerts that were given up. */
export function redriveLine({ redriven, left }: RedriveReport): string {
  if (redriven + left.length === 0) return 'There are no dead letters to deliver again.'
  const rest = left.length === 0 ? '' : `; ${formatCount(left.length)} would not be true any more, or go nowhere`
  return `${formatItems(redriven, 'dead letter')} will be delivered again${rest}.`
}

/** What a pulse did, at its end. */
export function pulseSummary({ checks, interventions, alerts }: PulseMetrics): string {
  const { passed, failed, warned, faults, skipped } = checks
  const ended = passed + failed + warned + faults
  const repairs = interventions.accepted + interventions.refused + interventions.unknown
  return `${formatItems(ended, 'check')}: ${[
    `${formatCount(passed)} passed`,
    `${formatCount(failed)} failed`,
    ...(warned === 0 ? [] : [`${formatCount(warned)} warned`]),
    ...(faults === 0 ? [] : [`${formatCount(faults)} not made by our own fault`]),
  ].join(', ')}; ${[
    ...(skipped === 0 ? [] : [`${formatItems(skipped, 'slot')} skipped`]),
    formatItems(repairs, 'intervention'),
    `${formatItems(alerts.delivered, 'alert')} delivered, ${formatCount(alerts.waiting)} waiting, ${formatCount(alerts.dead)} given up`,
  ].join('; ')}.\n`
}

function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
