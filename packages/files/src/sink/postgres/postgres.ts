import { MillraceError } from '@millrace/kernel/errors'
import type { Client } from 'pg'
import { loadPeer } from '../../processor/load-peer.ts'
import { writing } from '../file-sink.ts'
import { defineSink, type SinkWriter } from '../sink.ts'
import { CopyIn } from './copy-in.ts'
import { copyText } from './copy-text.ts'
import { COPY_TO_STAGING, faultOf, MAKE_STAGING, merge, STAGING, tableName } from './results-table.ts'
import { readTableAddress, type TableAddress } from './table-address.ts'

const CONNECT_MS = 5000
const KEEPALIVE_MS = 5000
/** Another export, or a VACUUM FULL, is not waited for longer. */
const LOCK_WAIT_MS = 60_000

/**
 * A table of PostgreSQL, 14 or later: `postgres://user@host/database?table=schema.table`, made where it is missing, with the columns of
 * {@link RECORD_COLUMNS}, lists as `jsonb`. Columns of the user's own stay as they are.
 *
 * Rows go to a staging table of the session by COPY; one transaction then makes the table have what they say and writes only rows that differ. Killed anywhere,
 * the old rows are there, or all of the new ones, and nothing of the staging table. By `pg`, an optional peer; the password comes from the
 * environment or `~/.pgpass`.
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
    let copy: CopyIn | undefined
    const copying = async () => {
      if (copy === undefined) {
        await client.query(MAKE_STAGING)
        copy = new CopyIn(client, COPY_TO_STAGING)
      }
      return copy
    }
    return {
      write: (rows) => writing(address.place, async () => (await copying()).write(copyText(rows))),
      commit: () =>
        writing(address.place, async () => {
          await (await copying()).end()
          await client.query(`ANALYZE ${STAGING}`)
          await client.query('BEGIN')
          await merge(client, tableName(address.names))
          await client.query('COMMIT')
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

/** A connection to a table that takes results. */
async function connect({ connectionString, names, place }: TableAddress): Promise<Client> {
  const { default: pg } = await loadPeer('pg', 'The sink postgres', () => import('pg'))
  const client = new pg.Client({
    connectionString,
    application_name: 'millrace export',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    lock_timeout: LOCK_WAIT_MS,
  })
  // Whoever uses it hears of a loss from what is asked next.
  client.on('error', () => {})
  try {
    await client.connect()
    const fault = await faultOf(client, names)
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
