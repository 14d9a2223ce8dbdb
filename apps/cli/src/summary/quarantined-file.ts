import type { Attempt, QuarantineRow } from '@millrace/files'
import { alignColumns } from '../text/columns.ts'
import { formatBytes, formatItems, formatMegabytes, formatMs } from '../text/numbers.ts'
import { fitEnd, fitStart, printable, printablePath } from '../text/width.ts'
import { wrapWords } from '../text/wrap.ts'
import type { View } from './sections.ts'

/** A file in quarantine with all that is known of it. */
export interface QuarantinedFileReport extends Omit<QuarantineRow, 'evidence'> {
  readonly job: string
  readonly evidence: Readonly<Record<string, unknown>>
  /** Each time it was tried. */
  readonly tries: readonly Attempt[]
}

export interface QuarantinedFileView extends View {
  /** The command line that tries the file again. */
  readonly retryCommand: string
}

/** Why a file is in quarantine, for a person: one text, ending in a line break. */
export function quarantinedFile(file: QuarantinedFileReport, view: QuarantinedFileView): string {
  const { style, width } = view
  const dot = style.dim(` ${style.symbols.dot} `)
  const facts = [
    style.yellow(file.code),
    formatItems(file.attempts, 'attempt'),
    formatBytes(file.size),
    `job ${file.job}`,
  ]
  const { stderr, ...evidence } = file.evidence
  const lines = [
    '',
    `  ${style.bold(fitEnd(printablePath(file.path), width - 2, style.symbols.ellipsis))}`,
    `  ${facts.join(dot)}`,
    '',
    ...wrapWords(printable(file.message), width - 4).map((line) => `  ${line}`),
    ...attemptLines(file, view),
    ...evidenceLines(evidence, view),
    ...lastWordLines(stderr, view),
    '',
    `  ${style.dim('Again')}  ${style.cyan(view.retryCommand)}`,
    '',
  ]
  return `${lines.join('\n')}\n`
}

/** What an attempt says is left out where it is what was said above. */
function attemptLines({ tries, message: said }: QuarantinedFileReport, { style, width }: View): string[] {
  if (tries.length === 0) return []
  const rows = alignColumns(
    tries.map(({ attempt, ms, code, message }) => [
      String(attempt),
      formatMs(ms),
      printable(code),
      message === said ? '' : printable(message),
    ]),
    ['right', 'right', 'left', 'left'],
  )
  return section(
    'Attempts',
    rows.map((row) => fitStart(row, width - 2, style.symbols.ellipsis)),
    style,
  )
}

function evidenceLines(evidence: Readonly<Record<string, unknown>>, { style, width }: View): string[] {
  const facts = Object.entries(evidence)
  if (facts.length === 0) return []
  const rows = alignColumns(facts.map(factOf), ['left', 'left'])
  return section(
    'Evidence',
    rows.map((row) => fitStart(row, width - 2, style.symbols.ellipsis)),
    style,
  )
}

function lastWordLines(stderr: unknown, { style, width }: View): string[] {
  if (typeof stderr !== 'string' || stderr.trim() === '') return []
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => fitStart(printable(line), width - 2, style.symbols.ellipsis))
  return section('Last words of the worker', lines.map(style.dim), style)
}

/** `rssMb: 812` reads `rss  812 MB`, `exitCode: 3` reads `exit code  3`. */
function factOf([name, value]: readonly [string, unknown]): readonly string[] {
  const words = name.replace(/(Mb|Ms)$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  if (typeof value === 'number' && name.endsWith('Mb')) return [printable(words), formatMegabytes(value)]
  if (typeof value === 'number' && name.endsWith('Ms')) return [printable(words), formatMs(value)]
  return [printable(words), printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))]
}

function section(title: string, lines: readonly string[], style: View['style']): string[] {
  return ['', `  ${style.bold(title)}`, ...lines.map((line) => `  ${line}`)]
}
