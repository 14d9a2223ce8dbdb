import { MillraceError } from '@millrace/kernel/errors'
import type { Client } from 'pg'
import { portFault } from '../../postgres-address.ts'
import { loadPeer } from '../../processor/load-peer.ts'
import { writing } from '../file-sink.ts'
import { defineSink, type SinkWriter } from '../sink.ts'
import { invalidOut } from '../target.ts'
import { CopyIn } from './copy-in.ts'
import { copyText } from './copy-text.ts'
import { COPY_TO_STAGING, faultOf, MAKE_STAGING, merge, STAGING, tableName } from './results-table.ts'
import { StallWatch } from './stall-watch.ts'
import { readTableAddress, type TableAddress } from './table-address.ts'

const CONNECT_MS = 5000
const KEEPALIVE_MS = 5000
/** How an export's session is called in `pg_stat_activity`. */
const APPLICATION = 'millrace export'
/** Another export, or a VACUUM FULL, is not waited for longer. */
const LOCK_WAIT_MS = 60_000

/**
 * A table of PostgreSQL, 14 or later: `postgres://user@host/database?table=schema.table`, made where it is missing, with the columns of
 * {@link RECORD_COLUMNS}, lists as `jsonb`. Columns of the user's own stay as they are.
 *
 * Rows go to a staging table of the session by COPY; one transaction then makes the table have what they say and writes only rows that differ. Killed anywhere,
 * the old rows are there, or all of the new ones, and nothing of the staging table. A server that takes nothing in for 60 s, or as many as `timeout=SECONDS` in the
 * address says, has stalled: the export fails. One that merges rows may take as long as it is at work. By `pg`, an optional peer; the password comes from
 * the environment or `~/.pgpass`.
 * @throws {MillraceError} `OUT_INVALID`, `PEER_MISSING`, `OUT_UNWRITABLE` on opening, `OUT_WRITE_FAILED` while writing.
 */
export const postgres = defineSink({
  name: 'postgres',
  extension: '.table',
  target(out) {
    readTableAddress(out)
    return out
  },
  async check(out) {
    const client = await connect(readTableAddress(out))
    await client.end().catch(() => {})
  },
  async open({ out }): Promise<SinkWriter> {
    const address = readTableAddress(out)
    const client = await connect(address)
    const watch = new StallWatch(client, address.stallMs)
    let copy: CopyIn | undefined
    const copying = async () => {
      if (copy === undefined) {
        await watch.over(client.query(MAKE_STAGING))
        copy = new CopyIn(client, COPY_TO_STAGING, watch)
      }
      return copy
    }
    const putInPlace = async () => {
      await client.query(`ANALYZE ${STAGING}`)
      await client.query('BEGIN')
      await merge(client, tableName(address.names))
      await client.query('COMMIT')
    }
    return {
      write: (rows) => writing(address.place, async () => (await copying()).write(copyText(rows))),
      commit: () =>
        writing(address.place, async () => {
          await (await copying()).end()
          await watch.over(putInPlace(), () => isAtWork(address))
          await client.end().catch(() => {})
        }),
      // The server ends what is under way with the connection.
      async abort() {
        client.connection.stream.destroy()
        await client.end().catch(() => {})
      },
    }
  },
})

/** Whether the server says, on another connection, that it has an export in hand. */
async function isAtWork(address: TableAddress): Promise<boolean> {
  const client = await newClient(address, Math.min(CONNECT_MS, address.stallMs))
  try {
    await client.connect()
    const { rows } = await client.query(
      `SELECT FROM pg_stat_activity WHERE application_name = $1 AND state = 'active' AND pid <> pg_backend_pid()`,
      [APPLICATION],
    )
    return rows.length > 0
  } catch {
    return false
  } finally {
    client.connection.stream.destroy()
  }
}

async function newClient({ connectionString }: TableAddress, answerMs?: number): Promise<Client> {
  const { default: pg } = await loadPeer('pg', 'The sink postgres', () => import('pg'))
  const client = new pg.Client({
    connectionString,
    application_name: APPLICATION,
    connectionTimeoutMillis: answerMs ?? CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    lock_timeout: LOCK_WAIT_MS,
    ...(answerMs !== undefined && { query_timeout: answerMs }),
  })
  const fault = portFault(client.port)
  if (fault !== undefined) throw invalidOut(fault, {})
  // Whoever uses it hears of a loss from what is asked next.
  client.on('error', () => {})
  return client
}

/** A connection to a table that takes results. */
async function connect(address: TableAddress): Promise<Client> {
  const { names, place, stallMs } = address
  const client = await newClient(address)
  try {
    await client.connect()
    const fault = await new StallWatch(client, stallMs).over(faultOf(client, names))
    if (fault === undefined) return client
    throw new MillraceError(
      'OUT_UNWRITABLE',
      `Results cannot go to the table ${place}: ${fault}. Name another with ?table=schema.name.`,
      { detail: { place, fault } },
    )
  } catch (error) {
    await client.end().catch(() => {})
    if (error instanceof MillraceError) throw error
    // Of a host with several addresses `pg` tells by an AggregateError, which has no message.
    const reason =
      error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error)
    throw new MillraceError(
      'OUT_UNWRITABLE',
      `Results cannot go to the table ${place} (${reason}). Check that PostgreSQL runs there, and user and password: the latter comes from PGPASSWORD or ~/.pgpass.`,
      { detail: { place, reason }, cause: error },
    )
  }
}
