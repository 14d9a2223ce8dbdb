import type { BatchStatistics } from '@millrace/files'
import { joinFitting } from '../text/join-fitting.ts'
import {
  formatCount,
  formatEta,
  formatItems,
  formatMegabytes,
  formatSeconds,
  formatShare,
  formatThroughput,
} from '../text/numbers.ts'
import type { Style } from '../text/style.ts'
import { displayWidth, fitStart, printable } from '../text/width.ts'
import { wrapWords } from '../text/wrap.ts'

export interface FrameOptions {
  /** Columns of the terminal. */
  readonly width: number
  readonly style: Style
  /** Jobs that a queued one waits for. @default [] */
  readonly behind?: readonly string[]
}

const TITLES: Readonly<Record<BatchStatistics['phase'], string>> = {
  idle: 'Starting',
  queued: 'Waiting',
  discovering: 'Discovering',
  processing: 'Processing',
  exporting: 'Exporting',
  done: 'Finishing',
}
const INDENT = 13
const WIDEST_BAR = 40
const NARROWEST_BAR = 6

/** What a terminal shows of a running job: three lines, none wider than the terminal. */
export function progressFrame(statistics: BatchStatistics, { width, style, behind = [] }: FrameOptions): string[] {
  const room = Math.max(0, width - 1 - INDENT)
  const indent = ' '.repeat(INDENT)
  const { phase, paused } = statistics
  const title = style.bold(TITLES[phase].padEnd(INDENT))
  if (phase === 'queued') return [title + fitStart(waitingFor(behind), room, style.symbols.ellipsis), '', '']
  const rates = joinFitting(rateParts(statistics), room, style)
  const engine = joinFitting(engineParts(statistics, style), room, style)
  const [second = '', third = engine] = paused === null ? [rates] : pauseLines(paused, room, style)
  return [title + headline(statistics, room, style), indent + second, indent + third]
}

/** What a queued job waits for: `for job 20261121-001 and 2 more`. */
export function waitingFor(behind: readonly string[]): string {
  const [first, ...others] = behind
  if (first === undefined) return 'for the ledger'
  return `for job ${first}${others.length === 0 ? '' : ` and ${formatCount(others.length)} more`}`
}

/** The same facts as one line, for logs and pipes; of a pause not why, where `isTold` says that this was told before. */
export function progressLine(statistics: BatchStatistics, isTold = false): string {
  const { phase, found, paused, reused } = statistics
  if (phase === 'queued') return 'queued: waits for the ledger'
  const done = doneOf(statistics)
  const parts = isFinding(statistics)
    ? [`${formatItems(found, 'file')} found so far`, `${formatCount(done)} done`]
    : [`${formatCount(done)} of ${formatItems(found, 'file')} (${formatShare(done, found)})`]
  parts.push(...rateParts(statistics).slice(0, 2))
  parts.push(...etaParts(statistics))
  parts.push(`${formatCount(statistics.quarantined)} quarantined`)
  if (reused > 0) parts.push(`${formatCount(reused)} reused`)
  parts.push(formatMegabytes(statistics.rssMb))
  const pause = paused === null ? '' : isTold ? '; still paused' : `; paused: ${reasonAfterColon(paused)}`
  return `${phase}: ${parts.join(', ')}${pause}`
}

/** Nobody knows yet how many files there are. */
function isFinding({ phase }: BatchStatistics): boolean {
  return phase === 'idle' || phase === 'discovering'
}

/** One line or two, which is as much as there is room for. */
function pauseLines(paused: string, room: number, { yellow, symbols }: Style): string[] {
  const [first = '', ...rest] = wrapWords(`${symbols.pause} Paused: ${reasonAfterColon(paused)}`, room)
  const lines = rest.length === 0 ? [first] : [first, rest.join(' ')]
  return lines.map((line) => yellow(fitStart(line, room, symbols.ellipsis)))
}

/** A reason is a sentence, and starts like one. */
function reasonAfterColon(reason: string): string {
  return printable(reason).replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase())
}

function headline(statistics: BatchStatistics, room: number, style: Style): string {
  const { found, excluded } = statistics
  const done = doneOf(statistics)
  if (isFinding(statistics)) {
    return joinFitting(
      [`${formatItems(found, 'file')} found`, `${formatCount(excluded)} excluded`, `${formatCount(done)} done`],
      room,
      style,
    )
  }
  const share = formatShare(done, found).padStart(7)
  const count = `${formatCount(done)} of ${formatItems(found, 'file')}`
  const figures = `${share}  ${count}`
  const barWidth = Math.min(WIDEST_BAR, room - displayWidth(figures) - 1)
  if (barWidth < NARROWEST_BAR) return joinFitting([share.trim(), count], room, style)
  return `${bar(found === 0 ? 1 : done / found, barWidth, style)} ${figures}`
}

function bar(share: number, width: number, { green, dim, symbols }: Style): string {
  const filled = Math.floor(Math.min(1, share) * width)
  return green(symbols.full.repeat(filled)) + dim(symbols.empty.repeat(width - filled))
}

function rateParts(statistics: BatchStatistics): string[] {
  const { filesPerSecond, megabytesPerSecond, seconds } = statistics
  return [
    `${formatItems(Math.round(filesPerSecond), 'file')}/s`,
    formatThroughput(megabytesPerSecond),
    formatSeconds(seconds),
    ...etaParts(statistics),
  ]
}

/** Nobody knows when a pause ends, nor how long it takes without workers. */
function etaParts({ etaSeconds, paused, workers }: BatchStatistics): string[] {
  const isKnown = etaSeconds !== null && etaSeconds > 0 && paused === null && workers > 0
  return isKnown ? [`${formatEta(etaSeconds)} left`] : []
}

function engineParts(statistics: BatchStatistics, style: Style): string[] {
  const { workers, workersBusy, quarantined, reused, rssMb, workersReplaced } = statistics
  const parts = [`${workersBusy} of ${formatItems(workers, 'worker')} busy`]
  const held = `${formatCount(quarantined)} quarantined`
  parts.push(quarantined > 0 ? style.yellow(held) : held, formatMegabytes(rssMb))
  if (reused > 0) parts.push(`${formatCount(reused)} reused`)
  if (workersReplaced > 0) parts.push(`${formatItems(workersReplaced, 'worker')} replaced`)
  return parts
}

function doneOf({ delivered, quarantined }: BatchStatistics): number {
  return delivered + quarantined
}
