import type { MonitorView, Percentiles, Pulse, PulseMetrics, StateName } from '@millrace/pulse'
import { joinFitting } from '../../text/join-fitting.ts'
import { formatCount, formatItems, formatMegabytes, formatMs, formatSeconds } from '../../text/numbers.ts'
import type { Style } from '../../text/style.ts'
import { displayWidth, fitStart, printable } from '../../text/width.ts'

/** All that is shown of a pulse at one moment. */
export interface PulseFacts {
  readonly metrics: PulseMetrics
  readonly health: Pulse['health']
  readonly checksPerSecond: number
  /** The newest first; there may be more. */
  readonly incidents: readonly MonitorView[]
  readonly rssMb: number
  /** By the wall clock, ms since 1970. */
  readonly now: number
}

export interface PulseFrameOptions {
  /** Columns of the terminal. */
  readonly width: number
  readonly style: Style
}

const INDENT = 11
const STATE_WIDTH = 10
const LEAST_NAME = 8

/** In which order states are told, the worst first, and what stays untold where there is none. */
const TOLD: readonly StateName[] = [
  'up',
  'down',
  'overdue',
  'held',
  'needed',
  'pending',
  'verifying',
  'degraded',
  'unknown',
  'maintenance',
  'disabled',
]

/** What a terminal shows of a running pulse, none of its lines wider than the terminal; the incidents given are all shown. */
export function pulseFrame(facts: PulseFacts, { width, style }: PulseFrameOptions): string[] {
  const { metrics, health } = facts
  const room = Math.max(0, width - 1 - INDENT)
  const line = (title: string, parts: readonly string[]) =>
    style.bold(title.padEnd(INDENT)) + joinFitting(parts, room, style)
  return [
    line('Monitors', stateParts(metrics, style)),
    line('Checks', checkParts(facts, style)),
    line('Lateness', percentileParts(metrics.latenessMs)),
    line('Latency', percentileParts(metrics.latencyMs)),
    line('Repairs', repairParts(metrics, style)),
    line('Alerts', alertParts(metrics, style)),
    ...health.reasons.map((reason) => style.red(told(`${style.symbols.cross} ${reason}`, width, style))),
    ...incidentLines(facts, { width, style }),
  ]
}

/** The same facts as one line, for logs and pipes. */
export function pulseLine({ metrics, health, checksPerSecond }: PulseFacts): string {
  const { byState, latenessMs, alerts } = metrics
  const states = TOLD.filter((state) => state === 'up' || byState[state] > 0)
  return [
    states.map((state) => `${formatCount(byState[state])} ${state}`).join(', '),
    `${formatRate(checksPerSecond)} checks/s`,
    ...(latenessMs.count === 0 ? [] : [`lateness p99 ${formatMs(latenessMs.p99)}`]),
    ...(alerts.waiting === 0 ? [] : [`${formatItems(alerts.waiting, 'alert')} waiting`]),
    ...health.reasons,
  ].join('; ')
}

/** Monitors with which something is wrong. */
export function incidentCount({ byState }: PulseMetrics): number {
  const { degraded, down, needed, pending, held, verifying } = byState
  return degraded + down + needed + pending + held + verifying
}

function stateParts({ byState }: PulseMetrics, style: Style): string[] {
  return TOLD.filter((state) => state === 'up' || byState[state] > 0).map((state) =>
    paintOf(state, style)(`${formatCount(byState[state])} ${state}`),
  )
}

function checkParts({ metrics, checksPerSecond, rssMb }: PulseFacts, style: Style): string[] {
  const { underWay, waiting, skipped, recovered, faults } = metrics.checks
  return [
    `${formatRate(checksPerSecond)}/s`,
    `${formatCount(underWay)} under way`,
    ...some(waiting, 'waiting'),
    ...some(skipped, 'skipped', style.yellow),
    ...some(faults, 'our fault', style.yellow),
    ...some(recovered, 'recovered', style.yellow),
    formatMegabytes(rssMb),
  ]
}

function percentileParts({ count, p50, p99, max }: Percentiles): string[] {
  if (count === 0) return ['none yet']
  return [`p50 ${formatMs(p50)}`, `p99 ${formatMs(p99)}`, `most ${formatMs(max)}`]
}

function repairParts({ interventions }: PulseMetrics, style: Style): string[] {
  const { accepted, refused, unknown, underWay, waiting, isStorm } = interventions
  const parts = [
    ...(isStorm ? [style.yellow('held back: too many at once')] : []),
    ...some(underWay, 'under way'),
    ...some(waiting, 'waiting'),
    ...some(accepted, 'accepted'),
    ...some(refused, 'refused', style.yellow),
    ...some(unknown, 'unknown', style.yellow),
  ]
  return parts.length === 0 ? ['none'] : parts
}

function alertParts({ alerts }: PulseMetrics, style: Style): string[] {
  const { delivered, waiting, retried, dead, suppressed } = alerts
  const parts = [
    ...some(delivered, 'delivered'),
    ...some(waiting, 'waiting', style.yellow),
    ...some(dead, 'given up', style.red),
    ...some(retried, 'tried again'),
    ...some(suppressed, 'held back'),
  ]
  return parts.length === 0 ? ['none'] : parts
}

function incidentLines({ incidents, metrics, now }: PulseFacts, { width, style }: PulseFrameOptions): string[] {
  const total = incidentCount(metrics)
  if (total === 0 || incidents.length === 0) return []
  const count = incidents.length < total ? `${formatCount(total)}, the newest:` : formatCount(total)
  const room = width - 1
  const ages = incidents.map(({ incidentSince = now }) => formatSeconds(Math.max(0, now - incidentSince) / 1000))
  const ageWidth = Math.max(...ages.map((age) => age.length))
  const nameRoom = Math.max(LEAST_NAME, Math.min(40, Math.floor((room - STATE_WIDTH - ageWidth - 4) / 2)))
  const names = incidents.map(({ name }) => told(name, nameRoom + 1, style))
  const nameWidth = Math.max(...names.map(displayWidth))
  return [
    style.bold('Incidents'.padEnd(INDENT)) + fitStart(count, Math.max(0, room - INDENT), style.symbols.ellipsis),
    ...incidents.map(({ state, reason = '' }, at) => {
      const name = names[at]!
      const facts = `${name}${' '.repeat(nameWidth - displayWidth(name))}  ${ages[at]!.padStart(ageWidth)}  ${printable(reason)}`
      const label = fitStart(state.padEnd(STATE_WIDTH), room)
      return (
        paintOf(state, style)(label) +
        fitStart(facts, Math.max(0, room - STATE_WIDTH), style.symbols.ellipsis).trimEnd()
      )
    }),
  ]
}

function paintOf(state: StateName, { red, yellow, green, cyan, dim }: Style): (text: string) => string {
  switch (state) {
    case 'up':
      return green
    case 'down':
    case 'overdue':
      return red
    case 'verifying':
      return cyan
    case 'degraded':
    case 'needed':
    case 'pending':
    case 'held':
      return yellow
    default:
      return dim
  }
}

function some(value: number, what: string, paint = (text: string) => text): string[] {
  return value === 0 ? [] : [paint(`${formatCount(value)} ${what}`)]
}

/** A rate below ten has a digit more: of few monitors most have less than one check a second. */
function formatRate(perSecond: number): string {
  return perSecond < 9.95 ? perSecond.toFixed(1) : formatCount(perSecond)
}

function told(text: string, width: number, { symbols }: Style): string {
  return fitStart(printable(text), Math.max(0, width - 1), symbols.ellipsis)
}
