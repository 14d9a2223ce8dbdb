import type { JobReport } from '../job/job-report.ts'
import { isUnderWay } from '../job/job-state.ts'
import { formatCount, formatItems, formatMegabytes, formatSeconds } from '../text/numbers.ts'
import { fitEnd, printable } from '../text/width.ts'
import { wrapWords } from '../text/wrap.ts'
import { courseLines } from './job-course.ts'
import { formatMoment, paintState } from './job-table.ts'
import { progressSection } from './progress-section.ts'
import { fullQuarantineSection } from './quarantine-section.ts'
import { booksSection, factsSection, highlightSections, slowestSection, type View } from './sections.ts'

export interface JobSummaryView extends View {
  readonly pathOf: (absolute: string) => string
  /** The command line to go on with, or null. */
  readonly nextCommand: string | null
  /** The command line that lists the quarantine. */
  readonly listCommand: string
}

const LISTED = 10

/** A job as the ledger holds it, for a person: one text, ending in a line break. */
export function jobSummary(report: JobReport, view: JobSummaryView): string {
  const { style, pathOf, width } = view
  const { quarantined } = report
  const root = fitEnd(printable(pathOf(report.root)), width - report.job.length - 18, style.symbols.ellipsis)
  const settled = report.state === 'done'
  const lines = [
    '',
    `  ${style.bold(`Job ${report.job}`)}  ${paintState(report.state, style)}  ${root}`,
    `  ${figuresOf(report).join(style.dim(` ${style.symbols.dot} `))}`,
    ...whyLines(report, view),
    ...(report.running === null ? courseLines(report, { style, width: width - 2 }).map((line) => `  ${line}`) : []),
    ...progressSection(report.running, view),
    '',
    ...booksSection(report.books, report.exclusions, view, settled),
    ...slowestSection(report.slowest.slice(0, LISTED), view),
    ...highlightSections(report.highlights, LISTED, view),
    ...fullQuarantineSection(quarantined, { limit: LISTED, more: view.listCommand }, view),
    ...factsSection(
      [
        ['Processors', report.processors.map(printable).join(', ')],
        ['Results', outWords(report.out, pathOf)],
        ...(view.nextCommand === null ? [] : [['Next', style.cyan(view.nextCommand)] as const]),
      ],
      view,
    ),
    '',
  ]
  return `${lines.join('\n')}\n`
}

function whyLines({ state, reason, supersededBy }: JobReport, { width }: View): string[] {
  const said = isUnderWay(state) || state === 'queued' || reason === null ? [] : [printable(reason)]
  if (supersededBy !== null) said.push(`Job ${supersededBy} has taken over its tree, and has the details.`)
  return said.flatMap((line) => wrapWords(line, width - 2)).map((line) => `  ${line}`)
}

function figuresOf({
  state,
  startedMs,
  starts,
  seconds,
  filesPerSecond,
  peakRssMb,
  reused,
  books,
}: JobReport): string[] {
  if (startedMs === null) return [state === 'queued' ? 'waits for its turn at the ledger' : 'was never started']
  const figures = [`started ${formatMoment(startedMs)}${starts > 1 ? `, for the ${ordinal(starts)} time` : ''}`]
  if (isUnderWay(state)) return [...figures, ...(seconds === null ? [] : [`for ${formatSeconds(seconds)}`])]
  const handled = formatItems(books.delivered + books.quarantined, 'file')
  figures.push(seconds === null ? handled : `${handled} in ${formatSeconds(seconds)}`)
  if (filesPerSecond !== null) figures.push(`${formatItems(Math.round(filesPerSecond), 'file')}/s`)
  if (peakRssMb !== null) figures.push(`${formatMegabytes(peakRssMb)} at peak`)
  if (reused !== null && reused > 0) figures.push(`${formatCount(reused)} reused`)
  return figures
}

function ordinal(value: number): string {
  const ending = { one: 'st', two: 'nd', few: 'rd' }[ORDINALS.select(value) as 'one' | 'two' | 'few'] ?? 'th'
  return `${value}${ending}`
}

const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' })

function outWords(out: string | null, pathOf: (path: string) => string): string {
  if (out === null) return 'not exported'
  return out === '-' ? 'went to standard output' : printable(pathOf(out))
}
