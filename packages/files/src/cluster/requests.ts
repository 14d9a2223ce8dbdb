import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { PostgresLedger } from '../ledger/postgres/postgres-ledger.ts'
import type { PostgresLedgerOptions } from '../ledger/postgres/postgres-options.ts'
import { readRun } from './run-row.ts'
import { wait } from './wait.ts'

/** What is asked of the process that coordinates a job: plain JSON. */
export interface CoordinatorRequest {
  readonly method: string
  readonly path: string
  readonly body?: unknown
}

/** What it answers: plain JSON, with a status as HTTP has them. */
export interface CoordinatorAnswer {
  readonly status: number
  readonly body: unknown
}

/** Between two looks at what is asked, milliseconds. */
const LOOK_EVERY_MS = 200
/** Between two looks at whether there is an answer, milliseconds. */
const ASK_EVERY_MS = 50
/** How long an answer may take, milliseconds. */
const PATIENCE_MS = 10_000

/** Answers what others ask of the coordinator of `epoch`, until `signal` aborts. A request that nobody took up goes with its epoch. */
export async function answerRequests(
  { pool, tables }: LedgerDatabase,
  epoch: number,
  answer: (request: CoordinatorRequest) => Promise<CoordinatorAnswer>,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const { rows } = await pool.query<{ request: string; asked: string }>(
        `WITH gone AS (DELETE FROM ${tables}.cluster_requests WHERE epoch < $1 OR asked_at < clock_timestamp() - interval '1 hour')
SELECT request, asked FROM ${tables}.cluster_requests WHERE epoch = $1 AND answer IS NULL ORDER BY request`,
        [epoch],
      )
      for (const { request, asked } of rows) {
        const answered = await answer(JSON.parse(asked) as CoordinatorRequest)
        await pool.query(`UPDATE ${tables}.cluster_requests SET answer = $1 WHERE request = $2`, [
          JSON.stringify(answered),
          request,
        ])
      }
    } catch {
      // A database that is away takes no requests either; those that wait are answered when it is back.
    }
    await wait(clock, LOOK_EVERY_MS, signal)
  }
}

/**
 * Asks the process that coordinates the job on a ledger in PostgreSQL, wherever it is.
 * @throws {MillraceError} `JOB_NOT_RUNNING` where there is none, `CONTROL_FAILED` where it does not answer, and `LEDGER_…`.
 */
export async function askCoordinator(
  ledger: Pick<PostgresLedgerOptions, 'url' | 'connection' | 'schema'>,
  request: CoordinatorRequest,
): Promise<CoordinatorAnswer> {
  // Who asks makes no tables.
  await using database = await LedgerDatabase.open({ ...ledger, connections: 1, readonly: true })
  try {
    return await ask(database, request)
  } catch (error) {
    throw database.failure(error)
  }
}

async function ask(database: LedgerDatabase, request: CoordinatorRequest): Promise<CoordinatorAnswer> {
  const { pool, tables, place } = database
  const run = await readRun(database)
  await using reader = new PostgresLedger(database)
  const owner = await reader.owner()
  if (run === undefined || run.phase === 'over' || owner?.epoch !== run.epoch) {
    throw new MillraceError('JOB_NOT_RUNNING', `No job is coordinated over the ledger in PostgreSQL now (${place}).`, {
      detail: { place },
    })
  }
  const { rows } = await pool.query<{ request: string }>(
    `INSERT INTO ${tables}.cluster_requests (epoch, asked) VALUES ($1, $2) RETURNING request`,
    [run.epoch, JSON.stringify(request)],
  )
  const [{ request: number } = { request: '' }] = rows
  const never = new AbortController().signal
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += ASK_EVERY_MS) {
    const found = await pool.query<{ answer: string | null }>(
      `SELECT answer FROM ${tables}.cluster_requests WHERE request = $1`,
      [number],
    )
    const answer = found.rows[0]?.answer
    if (typeof answer === 'string') return JSON.parse(answer) as CoordinatorAnswer
    await wait(systemClock, ASK_EVERY_MS, never)
  }
  const { host, pid } = owner
  throw new MillraceError(
    'CONTROL_FAILED',
    `The coordinator of job ${run.jobId} (process ${pid} on ${host}) did not answer in ${PATIENCE_MS / 1000} s. If it is gone, \`millrace files resume --postgres URL\` takes over.`,
    { detail: { jobId: run.jobId, host, pid } },
  )
}
