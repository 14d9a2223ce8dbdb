import type { JobReport } from '../job/job-report.ts'
import { formatItems, formatMegabytes, formatSeconds } from '../text/numbers.ts'
import { fitEnd, printable } from '../text/width.ts'
import { formatMoment, paintState } from './job-table.ts'
import {
  booksSection,
  factsSection,
  fullQuarantineSection,
  highlightSections,
  slowestSection,
  type View,
} from './sections.ts'

export interface JobSummaryView extends View {
  readonly pathOf: (absolute: string) => string
}

const LISTED = 10

/** A job as the ledger holds it, for a person: one text, ending in a line break. */
export function jobSummary(report: JobReport, view: JobSummaryView): string {
  const { style, pathOf, width } = view
  const { quarantined } = report
  const root = fitEnd(printable(pathOf(report.root)), width - report.job.length - 18, style.symbols.ellipsis)
  const settled = report.state === 'done' || report.state === 'failed'
  const lines = [
    '',
    `  ${style.bold(`Job ${report.job}`)}  ${paintState(report.state, style)}  ${root}`,
    `  ${figuresOf(report).join(style.dim(` ${style.symbols.dot} `))}`,
    ...(report.reason === null ? [] : [`  ${printable(report.reason)}`]),
    '',
    ...booksSection(report.books, report.exclusions, view, settled),
    ...slowestSection(report.slowest.slice(0, LISTED), view),
    ...highlightSections(report.highlights, LISTED, view),
    ...fullQuarantineSection(quarantined, view),
    ...factsSection(
      [
        ['Processors', report.processors.map(printable).join(', ')],
        ['Results', report.out === null ? 'not exported' : printable(pathOf(report.out))],
      ],
      view,
    ),
    '',
  ]
  return `${lines.join('\n')}\n`
}

function figuresOf({ startedMs, seconds, filesPerSecond, peakRssMb, books }: JobReport): string[] {
  const figures = [`started ${formatMoment(startedMs)}`]
  const handled = formatItems(books.delivered + books.quarantined, 'file')
  figures.push(seconds === null ? handled : `${handled} in ${formatSeconds(seconds)}`)
  if (filesPerSecond !== null) figures.push(`${formatItems(Math.round(filesPerSecond), 'file')}/s`)
  if (peakRssMb !== null) figures.push(`${formatMegabytes(peakRssMb)} at peak`)
  return figures
}
