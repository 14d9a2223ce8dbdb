import { LedgerDatabase } from './ledger-database.ts'
import { PostgresLedger } from './postgres-ledger.ts'
import type { PostgresLedgerOptions } from './postgres-options.ts'

/**
 * Opens the ledger in a database of PostgreSQL, making its schema and tables where they are missing. Close it, or use `await using`.
 *
 * How durable a commit is is the server's business (`fsync`, `synchronous_commit`); so is telling damaged pages (data checksums). A pooler in
 * between must pool sessions, not transactions.
 * @throws {MillraceError} as `LedgerDatabase.open`.
 */
export async function openPostgresLedger(options: PostgresLedgerOptions): Promise<PostgresLedger> {
  return new PostgresLedger(await LedgerDatabase.open(options), { closesDatabase: true })
}
