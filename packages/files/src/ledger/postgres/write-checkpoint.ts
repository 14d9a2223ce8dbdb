import type { QueryConfig } from 'pg'
import type { Checkpoint } from '../ledger.ts'
import { byteaArray, float8Array, int4Array, textArray } from './binary-array.ts'
import { packRecord } from './packed-record.ts'
import { refusalOf } from './refusal-of.ts'

/** What sends SQL: a client of `pg`, or one of a pool. */
export interface Sql {
  query(config: QueryConfig & { readonly rowMode?: 'array' }): Promise<{ readonly rows: readonly unknown[] }>
}

/** What a checkpoint is of. */
export interface PostgresCheckpointTarget {
  /** The ledger's schema, quoted, as {@link LedgerDatabase.tables} has it. */
  readonly tables: string
  readonly jobId: string
  /** The epoch in which the job was started: a checkpoint of an earlier start is refused. */
  readonly epoch: number
  /**
   * A UUID of this checkpoint's, the same whenever it is tried again: one that was written though its answer was lost is known by it, is not
   * written twice and answers again.
   */
  readonly token: string
}

const ARGUMENTS = 31

/**
 * Writes a checkpoint and gives the ids of its files that are gone. One statement: alone it is a transaction of its own, in an open one it is part
 * of that.
 * @throws {MillraceError} `LEDGER_CONFLICT`, `JOB_SUPERSEDED`, `JOB_UNKNOWN`, `JOB_NOT_STARTED` where the job has ended or was started again; or what
 * `pg` throws. The transaction is then of no use any more.
 */
export async function writeCheckpoint(
  sql: Sql,
  { tables, jobId, epoch, token }: PostgresCheckpointTarget,
  { deliveries, confirmed: c, quarantined: q, attempts: a, highlights: h, ...batch }: Checkpoint,
): Promise<readonly number[]> {
  const d = deliveries.toSorted((one, other) => one.fileId - other.fileId)
  const records = d.map(({ record }) => packRecord(record))
  const places = Array.from({ length: ARGUMENTS }, (_, n) => `$${n + 1}`).join()
  const call = sql.query({
    name: `millrace write_checkpoint ${tables}`.slice(0, MAX_NAME),
    text: `SELECT ${tables}.write_checkpoint(${places})`,
    values: [
      jobId,
      epoch,
      token,
      batch.batchId,
      batch.complete,
      batch.priority,
      batch.estimatedMs,
      batch.ms,
      batch.worker,
      int4Array(d.map(({ fileId }) => fileId)),
      textArray(d.map(({ hash }) => hash)),
      byteaArray(records.map(({ packed }) => packed)),
      int4Array(records.map(({ bytes }) => bytes)),
      float8Array(d.map(({ ms }) => ms)),
      textArray(d.map(({ stamp }) => stamp)),
      int4Array(c.map(({ fileId }) => fileId)),
      textArray(c.map(({ stamp }) => stamp)),
      int4Array(q.map(({ fileId }) => fileId)),
      textArray(q.map(({ code }) => storable(code))),
      textArray(q.map(({ message }) => storable(message))),
      int4Array(q.map(({ attempts }) => attempts)),
      textArray(q.map(({ evidence }) => storable(evidence))),
      int4Array(a.map(({ fileId }) => fileId)),
      int4Array(a.map(({ attempt }) => attempt)),
      textArray(a.map(({ code }) => storable(code))),
      textArray(a.map(({ message }) => storable(message))),
      float8Array(a.map(({ ms }) => ms)),
      int4Array(h.map(({ fileId }) => fileId)),
      textArray(h.map(({ list }) => storable(list))),
      textArray(h.map(({ label }) => storable(label))),
      float8Array(h.map(({ value }) => value)),
    ],
    rowMode: 'array',
  })
  const { rows } = await call.catch((error: unknown) => {
    throw refusalOf(error, jobId, batch.batchId) ?? error
  })
  const [[gone]] = rows as [[readonly number[]]]
  return gone
}

/** PostgreSQL takes names of so many bytes, and `pg` of so many characters. */
const MAX_NAME = 63

/** A text without what no text of PostgreSQL can have. In a record there is none: JSON writes it out. */
function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '\\0') : text
}

/**
 * Whether a checkpoint was written: to be asked where the answer to its COMMIT was lost.
 *
 * It waits for one that is under way: a server may come to the end of a transaction long after its client has given up.
 */
export async function checkpointIsIn(
  sql: Sql,
  { tables, jobId, token }: Omit<PostgresCheckpointTarget, 'epoch'>,
  batchId: number,
): Promise<boolean> {
  await sql.query({ text: 'SELECT pg_advisory_xact_lock_shared(hashtextextended($1, 0))', values: [token] })
  const { rows } = await sql.query({
    text: `SELECT FROM ${tables}.batches JOIN ${tables}.jobs USING (job) WHERE job_id = $1 AND batch_id = $2 AND token = $3`,
    values: [jobId, batchId, token],
  })
  return rows.length > 0
}

/** Which of a job's files are still to be settled: those pending, and those to be checked that were not yet. In ascending order. */
export async function unsettledFiles(
  sql: Sql,
  { tables, jobId }: Pick<PostgresCheckpointTarget, 'tables' | 'jobId'>,
  fileIds: readonly number[],
): Promise<readonly number[]> {
  const { rows } = await sql.query({
    // Id by id: a planner without statistics would look through all of the tree's files.
    text: `SELECT f.file_id FROM (SELECT tree, unnest($2::int4[]) AS id FROM ${tables}.jobs WHERE job_id = $1 OFFSET 0) AS j
  CROSS JOIN LATERAL (SELECT tree, file_id FROM ${tables}.files WHERE tree = j.tree AND file_id = j.id OFFSET 0) AS f
  WHERE (coalesce((SELECT r.reopened FROM ${tables}.results AS r WHERE r.tree = f.tree AND r.file_id = f.file_id), true)
      OR NOT (SELECT k.confirmed FROM ${tables}.checks AS k WHERE k.tree = f.tree AND k.file_id = f.file_id))
    AND NOT coalesce((SELECT true FROM ${tables}.quarantine AS q WHERE q.tree = f.tree AND q.file_id = f.file_id), false)
  ORDER BY f.file_id`,
    values: [jobId, int4Array(fileIds)],
    rowMode: 'array',
  })
  return (rows as readonly [number][]).map(([fileId]) => fileId)
}
