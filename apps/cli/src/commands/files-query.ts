import { type QueryAnswer, type QueryValue, queryResults } from '@millrace/files'
import { ExitCode } from '../exit-code.ts'
import { viewOf } from '../terminal.ts'
import { alignColumns } from '../text/columns.ts'
import { formatItems } from '../text/numbers.ts'
import { fitStart, printable } from '../text/width.ts'
import type { JobsFlags } from './files-jobs.ts'
import { findStartedJob } from './find-job.ts'
import { withLedger } from './with-ledger.ts'

export interface QueryFlags extends JobsFlags {
  readonly job?: string
  readonly format?: 'table' | 'json' | 'csv'
}

/** Widest cell of a table; JSON and CSV have all of it. */
const MAX_CELL = 60
/** Rows that a person is shown. */
const MAX_ROWS = 1000

/** `millrace files query`: SQL over the results of a job, the newest where none is named. */
export async function queryFiles(sql: string, flags: QueryFlags): Promise<ExitCode> {
  const stop = new AbortController()
  const onInterrupt = () => stop.abort()
  process.once('SIGINT', onInterrupt)
  try {
    const code = await withLedger(flags, async (ledger) => {
      const { jobId } = await findStartedJob(ledger, flags.job)
      const answer = await queryResults(ledger, jobId, sql, { signal: stop.signal })
      process.stdout.write(WRITERS[flags.format ?? (flags.json === true ? 'json' : 'table')](answer))
    })
    return stop.signal.aborted ? ExitCode.INTERRUPTED : code
  } finally {
    process.off('SIGINT', onInterrupt)
  }
}

const WRITERS: Readonly<Record<'table' | 'json' | 'csv', (answer: QueryAnswer) => string>> = {
  table({ columns, rows }) {
    const { style } = viewOf(process.stdout)
    const cell = (value: QueryValue) => fitStart(printable(textOf(value)), MAX_CELL, style.symbols.ellipsis)
    const shown = rows.slice(0, MAX_ROWS).map((row) => row.map(cell))
    const isNumber = (at: number) => rows.every((row) => typeof row[at] === 'number' || row[at] === null)
    const alignments = columns.map((_, at) =>
      rows.length > 0 && isNumber(at) ? ('right' as const) : ('left' as const),
    )
    const [head = '', ...lines] = alignColumns([columns.map(({ name }) => name), ...shown], alignments)
    const more = rows.length - shown.length
    const foot =
      more > 0
        ? `${formatItems(rows.length, 'row')}, ${formatItems(more, 'more')} not shown`
        : formatItems(rows.length, 'row')
    return `${[style.bold(head), ...lines, style.dim(foot)].join('\n')}\n`
  },
  json({ columns, rows }) {
    const lines = rows.map((row) => JSON.stringify(Object.fromEntries(columns.map(({ name }, at) => [name, row[at]]))))
    return lines.map((line) => `${line}\n`).join('')
  },
  csv({ columns, rows }) {
    const line = (cells: readonly string[]) => `${cells.map(quoted).join(',')}\r\n`
    return [
      columns.map(({ name }) => name),
      ...rows.map((row) => row.map((value) => (value === null ? '' : textOf(value)))),
    ]
      .map(line)
      .join('')
  },
}

function textOf(value: QueryValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** By RFC 4180. */
function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
