import type { DuckDBConnection, DuckDBResultReader, StatementType } from '@duckdb/node-api'
import { MillraceError } from '@millrace/kernel/errors'
import type { Ledger } from '../ledger/ledger.ts'
import { loadPeer } from '../processor/load-peer.ts'
import { RECORD_COLUMNS, tableRow } from '../sink/record-table.ts'
import { RESULTS_NAMES, RESULTS_TABLES } from './results-tables.ts'

/** A value of a query's answer: what JSON has; a number that a double cannot hold is text. */
export type QueryValue =
  | string
  | number
  | boolean
  | null
  | readonly QueryValue[]
  | { readonly [name: string]: QueryValue }

export interface QueryAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly QueryValue[])[]
}

export interface QueryOptions {
  /** Breaks the query off. */
  readonly signal?: AbortSignal
  /** Most memory it may use, MB, at least 64. @default a quarter of the machine's, at DuckDB's discretion */
  readonly memoryMb?: number
}

const PAGE_ROWS = 2000
const PAGE_BYTES = 4 * 1024 * 1024
const WHOLE = /^(?:U?(?:TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/
const FRACTION = /^DECIMAL/

/**
 * Asks the results of a job by SQL. DuckDB, an optional peer, has them in memory as the table `results`, with the views `imports`, `exports`, `declarations`, `functions` and
 * `diagnostics` of the lists in them, and as `quarantine` what has no result. The ledger is only read; the query can reach no file and no network. Of several
 * statements all are run and the last answers, which must be a query; what those before it make, such as a view, goes with them.
 *
 * O(results) before the query begins: 100,000 take some seconds and some hundred MB.
 * @throws {MillraceError} `PEER_MISSING`, `JOB_UNKNOWN`; `SQL_INVALID` with what DuckDB says and where, and of what is no query; the signal's reason when aborted.
 */
export async function queryResults(
  ledger: Ledger,
  jobId: string,
  sql: string,
  { signal, memoryMb }: QueryOptions = {},
): Promise<QueryAnswer> {
  const { DuckDBInstance, StatementType: Type } = await loadPeer(
    '@duckdb/node-api',
    'A query',
    () => import('@duckdb/node-api'),
  )
  const answering = [Type.SELECT, Type.EXPLAIN, Type.CALL]
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const interrupt = () => connection.interrupt()
  try {
    await connection.run(RESULTS_TABLES)
    const appender = await connection.createAppender('results')
    for (let after: string | undefined; ; ) {
      signal?.throwIfAborted()
      const page = await ledger.results(jobId, after, PAGE_ROWS, PAGE_BYTES)
      if (page.length === 0) break
      for (const row of page) {
        for (const [at, value] of tableRow(row).entries()) {
          if (value === null) appender.appendNull()
          else if (RECORD_COLUMNS[at]!.type === 'integer') appender.appendBigInt(BigInt(value))
          else if (typeof value === 'number') appender.appendDouble(value)
          else appender.appendVarchar(value)
        }
        appender.endRow()
      }
      after = page.at(-1)!.path
    }
    appender.closeSync()
    const quarantine = await connection.createAppender('quarantine')
    for (const { path, size, code, message, attempts } of await ledger.quarantine(jobId)) {
      quarantine.appendVarchar(path)
      quarantine.appendBigInt(BigInt(size))
      quarantine.appendVarchar(code)
      quarantine.appendVarchar(message)
      quarantine.appendBigInt(BigInt(attempts))
      quarantine.endRow()
    }
    quarantine.closeSync()
    await connection.run(
      `${memoryMb === undefined ? '' : `SET memory_limit = '${memoryMb}MB'; `}SET enable_external_access = false; SET lock_configuration = true`,
    )
    signal?.throwIfAborted()
    signal?.addEventListener('abort', interrupt)
    const answers = (type: StatementType) => answering.includes(type)
    const reader = await runLast(connection, sql, answers).catch((cause: Error) => {
      signal?.throwIfAborted()
      throw cause instanceof MillraceError ? cause : queryInvalid(sql, cause)
    })
    if (reader === undefined || !answers(reader.statementType)) throw noQuery(sql)
    const types = reader.columnTypes().map(String)
    return {
      columns: reader.deduplicatedColumnNames().map((name, at) => ({ name, type: types[at]! })),
      rows: reader.getRowsJson().map((row) => row.map((value, at) => valueOfType(value as QueryValue, types[at]!))),
    }
  } finally {
    signal?.removeEventListener('abort', interrupt)
    connection.closeSync()
    instance.closeSync()
  }
}

/** DuckDB gives numbers that may be large as text. */
function valueOfType(value: QueryValue, type: string): QueryValue {
  if (typeof value !== 'string') return value
  if (WHOLE.test(type)) return Number.isSafeInteger(Number(value)) ? Number(value) : value
  return FRACTION.test(type) && value.length <= 15 ? Number(value) : value
}

/** Nothing but comments and ends of statements. */
const EMPTY = /^(?:\s|;|--.*(?:\n|$)|\/\*(?:(?!\*\/)[\s\S])*\*\/)*$/

/**
 * Runs all statements, and gives what the last one answers; nothing where there is none, for which DuckDB has no words.
 * @throws {MillraceError} `SQL_INVALID` where an earlier one has an answer too, which nobody would see.
 */
async function runLast(
  connection: DuckDBConnection,
  sql: string,
  answers: (type: StatementType) => boolean,
): Promise<DuckDBResultReader | undefined> {
  if (EMPTY.test(sql)) return undefined
  const extracted = await connection.extractStatements(sql)
  let queries = 0
  for (let at = 0; at < extracted.count; at++) {
    const statement = await extracted.prepare(at)
    try {
      if (answers(statement.statementType) && ++queries > 1) throw severalQueries(sql)
      if (at === extracted.count - 1) return await statement.runAndReadAll()
      await statement.run()
    } finally {
      statement.destroySync()
    }
  }
  return undefined
}

function severalQueries(sql: string): MillraceError {
  return new MillraceError(
    'SQL_INVALID',
    'There is more than one query in it, and one is answered. Ask one after the other, or put them together by UNION ALL.',
    { detail: { sql } },
  )
}

function noQuery(sql: string): MillraceError {
  return new MillraceError(
    'SQL_INVALID',
    'That is no query: results are only read. Ask for rows, as in "select path, lines from results order by lines desc limit 10".',
    { detail: { sql } },
  )
}

/** DuckDB shows the line and points below it; a sentence says where. */
function queryInvalid(sql: string, cause: Error): MillraceError {
  const [words = '', line, shown = '', pointer = ''] =
    /^([\s\S]*?)(?:\n+LINE (\d+): (.*)\n(\s*\^)[\s\S]*)?$/.exec(cause.message.trim())?.slice(1) ?? []
  const column = pointer.length - `LINE ${line}: `.length
  const near = shown.slice(Math.max(0, column - 1), column + 20).trim()
  const place = line === undefined ? '' : ` at line ${line}, near "${near}"`
  return new MillraceError('SQL_INVALID', `The query was refused${place}: ${sentencesOf(words)}`, {
    detail: { sql },
    cause,
  })
}

/** A table of DuckDB's own, which it takes for the one that was meant. */
const FOREIGN_GUESS = / Did you mean "(?:pg_|duckdb_|sqlite_|information_schema|pragma_)\w*(?:\.\w+)?"\?/

/** What DuckDB says in lines, without the name of the part that says it: `Binder Error: …`. */
function sentencesOf(words: string): string {
  const lines = words.replace(/^(?:Failed to extract statements: )?(?:\w+ Error: )?/, '').split(/\s*\n\s*/)
  return lines
    .map((line) => line.replace(/!$|(?<=[^.?])$/, '.'))
    .join(' ')
    .replace(FOREIGN_GUESS, ` There are ${RESULTS_NAMES.join(', ')}.`)
}
