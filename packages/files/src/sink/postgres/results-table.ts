import type { Client } from 'pg'
import { quoteName } from '../../ledger/postgres/tables.ts'
import { RECORD_COLUMNS } from '../record-table.ts'

const TYPES = { text: 'text', json: 'jsonb', integer: 'bigint', double: 'double precision' } as const
const NAMES = RECORD_COLUMNS.map(({ name }) => quoteName(name))
const COLUMNS = RECORD_COLUMNS.map(
  ({ name, type }) =>
    `${quoteName(name)} ${TYPES[type]}${name === 'path' ? ' COLLATE "C" PRIMARY KEY' : ''}${name === 'hash' ? ' NOT NULL' : ''}`,
).join(', ')

/** Of the session, so that it is gone with it, however that ends. */
export const STAGING = 'pg_temp.millrace_staging'
export const MAKE_STAGING = `CREATE TEMP TABLE millrace_staging (${COLUMNS})`
export const COPY_TO_STAGING = `COPY ${STAGING} (${NAMES.join(', ')}) FROM STDIN`

/** A name, with its schema where there is one, as SQL has it. */
export function tableName(names: readonly string[]): string {
  return names.map(quoteName).join('.')
}

/**
 * Makes the table have what staging has, in the caller's transaction: rows that are gone are deleted, new ones inserted, and of the others only those
 * written that differ. Readers see the old rows until it commits; another export waits.
 */
export async function merge(client: Client, table: string): Promise<void> {
  // Two that make the table at once would fail on each other.
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`millrace sink ${table}`])
  await client.query(`CREATE TABLE IF NOT EXISTS ${table} (${COLUMNS})`)
  await client.query(`LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`)
  await client.query(
    `DELETE FROM ${table} AS had WHERE NOT EXISTS (SELECT FROM ${STAGING} AS has WHERE has.path = had.path)`,
  )
  const [had, has, excluded] = ['had', 'has', 'excluded'].map((row) => NAMES.map((name) => `${row}.${name}`).join(', '))
  // Those that are the same are not even offered: ON CONFLICT would lock each, which is a write too.
  await client.query(`INSERT INTO ${table} (${NAMES.join(', ')})
SELECT ${has} FROM ${STAGING} AS has LEFT JOIN ${table} AS had ON had.path = has.path WHERE (${had}) IS DISTINCT FROM (${has}) ORDER BY has.path
ON CONFLICT (path) DO UPDATE SET (${NAMES.join(', ')}) = ROW(${excluded})`)
}

/** Why results cannot go into the table as it is, a phrase; undefined where they can, or where there is none yet. */
export async function faultOf(client: Client, names: readonly string[]): Promise<string | undefined> {
  if ((await client.query('SHOW transaction_read_only')).rows[0].transaction_read_only === 'on')
    return 'the database takes no changes: it is a standby, or default_transaction_read_only is on'
  const schema = names.length === 2 ? names[0]! : (await client.query('SELECT current_schema() AS name')).rows[0].name
  if (schema === null) return 'no schema of the search path is there'
  const found = await client.query('SELECT oid FROM pg_namespace WHERE nspname = $1', [schema])
  if (found.rows.length === 0) return `there is no schema ${JSON.stringify(schema)}: make it first`
  const { rows } = await client.query(
    `SELECT c.oid, c.relkind, has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE') AS writable,
  EXISTS (SELECT FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'path'
    WHERE i.indrelid = c.oid AND i.indisunique AND i.indpred IS NULL AND i.indnatts = 1 AND i.indkey[0] = a.attnum) AS keyed
FROM pg_class AS c WHERE c.relnamespace = $1 AND c.relname = $2`,
    [found.rows[0].oid, names.at(-1)],
  )
  const [table] = rows
  if (table === undefined) return undefined
  if (!['r', 'p'].includes(table.relkind)) return 'it is no table'
  const columns = await client.query(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped`,
    [table.oid],
  )
  const types = new Map(columns.rows.map(({ name, type }) => [name, type]))
  for (const { name, type } of RECORD_COLUMNS) {
    if (!types.has(name)) return `it has other columns: ${name} is not among them`
    if (types.get(name) !== TYPES[type]) return `its column ${name} is ${types.get(name)}, not ${TYPES[type]}`
  }
  if (!table.keyed) return 'its column path is not its key'
  return table.writable ? undefined : 'the user may not write it'
}
