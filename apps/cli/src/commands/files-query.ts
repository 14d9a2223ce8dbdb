import { type Ledger, type QueryAnswer, queryResults } from '@millrace/files'
import { ExitCode } from '../exit-code.ts'
import { waitLine } from '../progress/wait-line.ts'
import { queryTable, textOf } from '../summary/query-table.ts'
import { viewOf } from '../terminal.ts'
import type { JobsFlags } from './files-jobs.ts'
import { findStartedJob } from './find-job.ts'
import { withLedger } from './with-ledger.ts'

export interface QueryFlags extends JobsFlags {
  readonly job?: string
  readonly format?: 'table' | 'json' | 'csv'
}

/** `millrace files query`: SQL over the results of a job, the newest where none is named. */
export async function queryFiles(sql: string, flags: QueryFlags): Promise<ExitCode> {
  const stop = new AbortController()
  const onInterrupt = () => stop.abort()
  process.once('SIGINT', onInterrupt)
  try {
    const code = await withLedger(flags, async (ledger) => {
      const { jobId } = await findStartedJob(ledger, flags.job)
      const answer = await answerOf(ledger, jobId, sql, stop.signal).catch((error: unknown) => {
        if (!stop.signal.aborted) throw error
      })
      if (answer === undefined) return
      process.stdout.write(WRITERS[flags.format ?? (flags.json === true ? 'json' : 'table')](answer))
    })
    return stop.signal.aborted ? ExitCode.INTERRUPTED : code
  } finally {
    process.off('SIGINT', onInterrupt)
  }
}

async function answerOf(ledger: Ledger, jobId: string, sql: string, signal: AbortSignal): Promise<QueryAnswer> {
  using _wait = waitLine('Reading the results')
  return await queryResults(ledger, jobId, sql, { signal })
}

const WRITERS: Readonly<Record<'table' | 'json' | 'csv', (answer: QueryAnswer) => string>> = {
  // A pipe is as wide as it likes; a terminal is used in its full width.
  table: (answer) => {
    const { stdout } = process
    return queryTable(answer, { style: viewOf(stdout).style, width: stdout.columns ?? Number.POSITIVE_INFINITY })
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

/** By RFC 4180. */
function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
