import { MillraceError } from '@millrace/kernel/errors'
import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'

/**
 * What a database threw at a job or worker that had used it before, as the error a user meets; where it may pass, `detail.patience` says what is waited for.
 *
 * A server that takes no changes is named wrongly where it is met first. Later somebody has just set it so, or a standby is about to take over.
 */
export function failureOf(database: LedgerDatabase, thrown: unknown): unknown {
  const error = database.failure(thrown)
  if (!(error instanceof MillraceError) || error.code !== 'LEDGER_READ_ONLY') return error
  const patience = `PostgreSQL takes no changes now (${database.place})`
  return new MillraceError(error.code, error.message, { detail: { ...error.detail, patience }, cause: error.cause })
}
