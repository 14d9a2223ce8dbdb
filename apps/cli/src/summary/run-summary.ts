import { statSync } from 'node:fs'
import type { ExclusionReason, RepositoryProcessingResult } from '@millrace/files'
import {
  formatBytes,
  formatCount,
  formatItems,
  formatMegabytes,
  formatSeconds,
  formatThroughput,
} from '../text/numbers.ts'
import type { Style } from '../text/style.ts'
import { fitEnd, printable } from '../text/width.ts'
import { wrapWords } from '../text/wrap.ts'
import { quarantineSection } from './quarantine-section.ts'
import {
  booksSection,
  factsSection,
  highlightSections,
  problemsSection,
  slowestSection,
  type View,
} from './sections.ts'

export interface RunSummaryView extends View {
  /** How a path is written for the user: below the current directory where it can be. */
  readonly pathOf: (absolute: string) => string
  /** Where the ledger is, as the user would write it. */
  readonly ledger: string
  /** Bytes of the exported results, or null where there are none. */
  readonly outBytes: number | null
  /** The command line that shows the job again. */
  readonly showCommand: string
  /** The command line that goes on with it. */
  readonly resumeCommand: string
}

const LISTED = 5
const QUARANTINE_LISTED = 10

/** What a run came to, for a person: one text, ending in a line break. */
export function runSummary(result: RepositoryProcessingResult, view: RunSummaryView): string {
  const more = { limit: QUARANTINE_LISTED, more: view.showCommand }
  const lines = [
    '',
    ...headline(result, view),
    ...(result.starts === 0 ? [] : ['', ...booksSection(result.books, result.exclusions, view, !result.interrupted)]),
    ...problemsSection(result.problems, LISTED, view),
    ...slowestSection(result.slowest.slice(0, LISTED), view),
    ...highlightSections(result.highlights, LISTED, view),
    ...quarantineSection(result.quarantined, more, view),
    ...factsSection(placesOf(result, view), view),
    '',
  ]
  return `${lines.join('\n')}\n`
}

function headline(result: RepositoryProcessingResult, { style, pathOf, width }: RunSummaryView): string[] {
  const { symbols, dim } = style
  const { delivered, quarantined, discovered } = result.books
  const separator = dim(` ${symbols.dot} `)
  const room = width - 32
  const root = fitEnd(printable(pathOf(result.root)), room, symbols.ellipsis)
  const title = `  ${verdict(result, style)}  ${root}`
  if (result.starts === 0) return [title, '', '  It was ended while it waited for the ledger; nothing was begun.']
  if (discovered === 0 && !result.interrupted) return [title, '', '  There are no files in it.']
  const figures = [
    `${formatItems(delivered + quarantined, 'file')} in ${formatSeconds(result.seconds)}`,
    `${formatItems(Math.round(result.filesPerSecond), 'file')}/s`,
    formatThroughput(result.statistics.megabytesPerSecond),
    `${formatMegabytes(result.peakRssMb)} at peak`,
  ]
  const lines = [title, `  ${figures.join(separator)}`]
  const kept = keptFigures(result)
  if (kept.length > 0) lines.push(`  ${kept.join(separator)}`)
  if (delivered + quarantined === 0 && !result.interrupted) {
    const wider = Object.entries(LETS_IN).filter(([reason]) => (result.exclusions[reason] ?? 0) > 0)
    const hint = wider.length === 0 ? '' : ` What lets more in: ${wider.map(([, flag]) => flag).join(', ')}.`
    lines.push('', ...wrapWords(`Every file was excluded.${hint}`, width - 4).map((line) => `  ${line}`))
  }
  return lines
}

/** For each reason why a file is left out, what changes that. */
const LETS_IN: Partial<Record<ExclusionReason, string>> = {
  'no-processor': 'a --processor that takes them',
  'not-included': 'another --include',
  excluded: 'another --exclude',
  hidden: '--hidden',
  ignored: '--no-gitignore',
  symlink: '--follow-symlinks',
}

/** What was there already, from earlier runs or starts, and what was done beside. */
function keptFigures({ starts, books, reused, removed }: RepositoryProcessingResult): string[] {
  const figures = [
    ...(reused > 0 ? [`reused ${formatCount(reused)}`, `processed ${formatCount(books.delivered - reused)}`] : []),
    ...(removed > 0 ? [`removed ${formatCount(removed)}`] : []),
  ]
  if (starts > 1) figures.unshift('resumed')
  return figures.map((figure, index) => (index === 0 ? figure.charAt(0).toUpperCase() + figure.slice(1) : figure))
}

function verdict({ interrupted, balanced, books }: RepositoryProcessingResult, style: Style): string {
  const { symbols, bold, green, yellow, red } = style
  if (interrupted) return bold(yellow(`${symbols.cross} Interrupted`))
  if (!balanced) return bold(red(`${symbols.cross} Incomplete`))
  if (books.quarantined > 0) return bold(yellow(`${symbols.check} Done, ${formatCount(books.quarantined)} quarantined`))
  return bold(green(`${symbols.check} Done`))
}

function placesOf(result: RepositoryProcessingResult, view: RunSummaryView): [string, string][] {
  const { style, pathOf, outBytes } = view
  const places: [string, string][] = []
  if (result.out !== null && (outBytes !== null || isTable(result.out))) {
    const records = formatItems(result.books.delivered, 'record')
    const size = outBytes === null ? records : `${records}, ${formatBytes(outBytes)}`
    places.push(['Results', `${printable(pathOf(result.out))} ${style.dim(`(${size})`)}`])
  }
  places.push(['Ledger', `${printable(view.ledger)} ${style.dim(`(job ${result.jobId})`)}`])
  places.push(['Next', style.cyan(result.interrupted ? view.resumeCommand : view.showCommand)])
  return places
}

function isTable(out: string): boolean {
  return out.startsWith('postgres')
}

/** Size of the exported file, or null where it is not to be seen: a sink may write elsewhere. */
export function fileBytes(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null
}
