import { MillraceError } from '@millrace/kernel/errors'
import { plain, type SqlSession, type Statement } from './sql-session.ts'
import { quoteName, quoteText } from './statements/identifier.ts'

/** What makes the tables of each version of the one before. Statements of a version that was released never change. */
const MIGRATIONS: readonly ((schema: string) => readonly string[])[] = [
  (schema) => [
    `CREATE TABLE ${schema}.intent_keys (
  key text COLLATE "C" PRIMARY KEY,
  payload_hash int8 NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
)`,
    // Keys come in the order of their time: of each stretch of the table its first and last are enough to find old ones.
    `CREATE INDEX intent_keys_at ON ${schema}.intent_keys USING brin (at) WITH (pages_per_range = 32, autosummarize = on)`,
    `CREATE TABLE ${schema}.intent_outcomes (key text COLLATE "C" PRIMARY KEY, outcome jsonb NOT NULL)`,
    // An intent is a text: that JSONB could not hold it may be why it is here.
    `CREATE TABLE ${schema}.dead_letters (
  id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  intent text NOT NULL,
  code text NOT NULL,
  reason text NOT NULL,
  attempts int4 NOT NULL,
  failed_at timestamptz NOT NULL
)`,
  ],
]

/**
 * Makes Millrace's own tables, in a schema of their own, or brings them to this version. Safe where several instances start at once.
 * @throws {MillraceError} `SCHEMA_NEWER` if a later version of Millrace has made them.
 */
export async function migrate(session: SqlSession, schema: string): Promise<void> {
  const name = quoteName(schema)
  const [exists] = await session.run([plain(`SELECT to_regclass(${quoteText(`${name}.schema_version`)})`)])
  if (exists?.rows[0]?.[0] != null && (await versionOf(session, name)) === MIGRATIONS.length) return
  await session.run([
    plain('BEGIN'),
    waitForTurn(schema),
    plain(`CREATE SCHEMA IF NOT EXISTS ${name}`),
    plain(`CREATE TABLE IF NOT EXISTS ${name}.schema_version (version int4 NOT NULL)`),
  ])
  const version = await versionOf(session, name)
  if (version > MIGRATIONS.length)
    throw new MillraceError(
      'SCHEMA_NEWER',
      `The tables in the schema ${schema} are of version ${version}, which a later Millrace made; this one knows ${MIGRATIONS.length}. Update it`,
      { detail: { schema, version, known: MIGRATIONS.length } },
    )
  await session.run([
    ...MIGRATIONS.slice(version).flatMap((migration) => migration(name).map(plain)),
    plain(`DELETE FROM ${name}.schema_version`),
    plain(`INSERT INTO ${name}.schema_version VALUES (${MIGRATIONS.length})`),
    plain('COMMIT'),
  ])
}

/** Has instances that start at once do so one after the other, until the transaction ends: IF NOT EXISTS alone fails then. */
function waitForTurn(schema: string): Statement {
  return plain(`SELECT pg_advisory_xact_lock(hashtextextended(${quoteText(`millrace ${schema}`)}, 0))`)
}

/** Runs a user's statements in one transaction, and in one instance at a time. */
export async function setUpTables(session: SqlSession, schema: string, statements: readonly string[]): Promise<void> {
  await session.run([plain('BEGIN'), waitForTurn(schema), ...statements.map(plain), plain('COMMIT')])
}

async function versionOf(session: SqlSession, schema: string): Promise<number> {
  const [found] = await session.run([plain(`SELECT max(version) FROM ${schema}.schema_version`)])
  return Number(found?.rows[0]?.[0] ?? 0)
}
