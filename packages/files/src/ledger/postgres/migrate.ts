import { MillraceError } from '@millrace/kernel/errors'
import type { ClientBase, Pool } from 'pg'
import { MIGRATIONS, type Migration } from './migrations.ts'
import { lockOf, quoteName } from './tables.ts'

/** The version of the ledger's tables in a schema; 0 where there are none. */
export async function versionOf(client: Pick<Pool, 'query'>, schema: string): Promise<number> {
  // Not by to_regclass(), which within a transaction may still say what was so when that began.
  const { rowCount } = await client.query(
    `SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'ledger'`,
    [schema],
  )
  if (rowCount === 0) return 0
  const { rows } = await client.query(`SELECT version FROM ${quoteName(schema)}.ledger`)
  return Number(rows[0]?.version ?? 0)
}

/**
 * Makes the ledger's tables, or brings those of an earlier version to this one; in one transaction, and one process at a time: after a
 * crash there is the old version or the new, nothing between.
 * @throws {MillraceError} `LEDGER_NEWER`, and `LEDGER_BUSY` where a Millrace of the earlier version works with them.
 */
export async function migrate(
  client: ClientBase,
  schema: string,
  place: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  if ((await versionOf(client, schema)) === migrations.length) return
  const s = quoteName(schema)
  await client.query('BEGIN')
  try {
    await client.query(`SELECT pg_advisory_xact_lock(${lockOf('turn', schema)})`)
    const version = await versionOf(client, schema)
    checkVersion(version, migrations.length, place)
    if (version === 0) {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${s}`)
      await client.query(`CREATE TABLE ${s}.ledger (
  single bool PRIMARY KEY DEFAULT true CHECK (single),
  version int4 NOT NULL,
  epoch int8 NOT NULL DEFAULT 0,
  owner_pid int4,
  owner_host text,
  owner_since timestamptz,
  session_pid int4,
  session_start timestamptz
)`)
      await client.query(`INSERT INTO ${s}.ledger (version) VALUES (0)`)
    } else if (version < migrations.length) {
      const { rows } = await client.query(`SELECT pg_try_advisory_xact_lock(${lockOf('owner', schema)}) AS free`)
      if (!rows[0].free) throw inUse(place)
    }
    for (const migration of migrations.slice(version)) {
      for (const statement of migration(schema)) await client.query(statement)
    }
    await client.query(`UPDATE ${s}.ledger SET version = $1`, [migrations.length])
    await client.query('COMMIT')
  } catch (error) {
    // Where that fails too, the connection is gone, and the transaction with it.
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

/** @throws {MillraceError} `LEDGER_NEWER`. */
export function checkVersion(version: number, known: number, place: string): void {
  if (version <= known) return
  throw new MillraceError(
    'LEDGER_NEWER',
    `The ledger in PostgreSQL was written by a newer Millrace (${place}: version ${version}; this one knows ${known}). Update Millrace on this machine, or use another database or schema.`,
    { detail: { place, version, known } },
  )
}

function inUse(place: string): MillraceError {
  return new MillraceError(
    'LEDGER_BUSY',
    `The ledger in PostgreSQL is of an earlier version, and a Millrace of that version works with it (${place}). Let it finish first: tables are not changed under it.`,
    { detail: { place } },
  )
}
