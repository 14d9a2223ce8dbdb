import { MillraceError } from '@millrace/kernel/errors'
import { defineIntent, type IntentDefinition } from '../intent/define-intent.ts'
import { Connection } from '../sink/postgres/connection.ts'
import type { WriteBatch, WriteItem } from '../sink/sink.ts'
import { plain, type SqlSession } from '../sink/sql/sql-session.ts'

export const TUNE_SCHEMA = 'millrace_tune'
const TABLE = `${TUNE_SCHEMA}.players`
/** By it a schema that an earlier tune could not drop is known. */
const MARK = 'Made by millrace tune, which drops it'
const LOCK = `hashtextextended('${TUNE_SCHEMA}', 0)`
/** Batches that are prepared for each writer, to be written in turn. */
const PREPARED = 8

interface Position {
  readonly id: string
  readonly x: number
  readonly y: number
}

/** What is written: a place and a counter, in a document of some 200 bytes. */
export const POSITION = defineIntent({
  type: 'position',
  target: { kind: 'patch', table: TABLE, key: { column: 'id' }, column: 'data' },
  toRow: ({ id, x, y }: Position) => ({ key: id, set: { 'position.x': x, 'position.y': y }, add: { moves: 1 } }),
}) as IntentDefinition

/** The table of a tune. It is dropped, with all of its schema, when it is disposed of. */
export class TuneTable implements AsyncDisposable {
  readonly #connection: Connection
  /** As the server says it: `PostgreSQL 18.4`. */
  readonly server: string

  private constructor(connection: Connection, server: string) {
    this.#connection = connection
    this.server = server
  }

  /** @throws {MillraceError} `SINK_UNREACHABLE`, `TUNE_REFUSED`. */
  static async create(url: string, rows: number): Promise<TuneTable> {
    const connection = await Connection.open({
      connectionString: url,
      application_name: 'millrace tune',
      connectionTimeoutMillis: 5000,
    })
    try {
      const server = await makeTable(connection, rows)
      return new TuneTable(connection, server)
    } catch (error) {
      await connection.close()
      throw reasonOf(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      // Each on its own: to drop it all the same if the lock has gone with a connection.
      await this.#connection.run([
        plain('SET lock_timeout = 10000'),
        plain(`DROP SCHEMA IF EXISTS ${TUNE_SCHEMA} CASCADE`),
      ])
    } catch (cause) {
      throw new MillraceError(
        'TUNE_LEFTOVER',
        `The schema ${TUNE_SCHEMA} could not be dropped; drop it yourself (DROP SCHEMA ${TUNE_SCHEMA} CASCADE), or tune again, which does it first`,
        { detail: { schema: TUNE_SCHEMA }, cause },
      )
    } finally {
      await this.#connection.close().catch(() => {})
    }
  }
}

/** Returns the name of the server. */
async function makeTable(session: SqlSession, rows: number): Promise<string> {
  const [locked, version, comment] = await session.run([
    plain(`SELECT pg_try_advisory_lock(${LOCK})::text`),
    plain(`SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)`),
    plain(
      `SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace WHERE nspname = '${TUNE_SCHEMA}'`,
    ),
  ])
  if (locked!.rows[0]?.[0] !== 'true') {
    throw refused('Another tune runs on this database: wait until it is over')
  }
  const found = comment!.rows[0]?.[0]
  if (found != null && found !== MARK) {
    throw refused(
      `There is a schema ${TUNE_SCHEMA} that is not a tune's: rename it, for a tune drops a schema of that name`,
    )
  }
  await session.run([
    plain(`DROP SCHEMA IF EXISTS ${TUNE_SCHEMA} CASCADE`),
    plain('BEGIN'),
    plain(`CREATE SCHEMA ${TUNE_SCHEMA}`),
    plain(`COMMENT ON SCHEMA ${TUNE_SCHEMA} IS '${MARK}'`),
    // Room in each page for the rows' next versions, as a table that is written to for long has.
    plain(`CREATE TABLE ${TABLE} (id text PRIMARY KEY, data jsonb NOT NULL) WITH (fillfactor = 50)`),
    plain(
      `INSERT INTO ${TABLE} SELECT 'player-' || lpad(n::text, 7, '0'), jsonb_build_object('name', 'Player ' || n, 'position', jsonb_build_object('x', n, 'y', n), 'moves', 0, 'items', jsonb_build_array('sword', 'lamp', 'rope'), 'about', repeat('.', 80)) FROM generate_series(0, ${rows - 1}) AS n`,
    ),
    plain('COMMIT'),
  ])
  await session.run([plain(`VACUUM ANALYZE ${TABLE}`)])
  return version!.rows[0]?.[0] ?? 'PostgreSQL'
}

/**
 * Makes batches over `rows` rows for several writers: as in a scheduler, no row is in two batches under way. Which rows, is scattered over all of
 * them, the same each time.
 */
export function batchesOver(rows: number, writers: number): (size: number, writer: number) => readonly WriteBatch[] {
  const own = Math.floor(rows / writers)
  const step = coprime(own)
  let id = 0
  return (size, writer) =>
    Array.from({ length: PREPARED }, (_, nth): WriteBatch => {
      id++
      const numbers = Array.from({ length: size }, (_, at) => ((nth * size + at) * step) % own)
      const items = numbers.sort((a, b) => a - b).map((number): WriteItem => itemOf(number * writers + writer, id))
      return { id, waves: [items], size }
    })
}

function itemOf(number: number, batch: number): WriteItem {
  const id = `player-${String(number).padStart(7, '0')}`
  const payload: Position = { id, x: (number * 7 + batch) % 1000, y: (number * 13 + batch) % 1000 }
  return { definition: POSITION, payload, key: `${TABLE}:${id}`, idempotencyKey: undefined }
}

/** A step by which one comes to every number below `count`, and which scatters neighbours: near the golden section. */
function coprime(count: number): number {
  let step = Math.max(1, Math.round(count * 0.618))
  while (gcd(step, count) !== 1) step++
  return step
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b)
}

function reasonOf(error: unknown): unknown {
  const state = error instanceof MillraceError ? error.detail.sqlState : undefined
  if (state === '42501') {
    return refused(
      'The user may not make a schema in this database: GRANT CREATE ON DATABASE … TO …, or name another user in the URL',
      error,
    )
  }
  if (state === '25006') {
    return refused('The database is read-only, as a standby is: name its primary', error)
  }
  return error
}

function refused(why: string, cause?: unknown): MillraceError {
  return new MillraceError('TUNE_REFUSED', `Nothing was measured. ${why}`, {
    detail: { schema: TUNE_SCHEMA },
    ...(cause !== undefined && { cause }),
  })
}
