import { MillraceError } from '@millrace/kernel/errors'
import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import type { WorkEvent } from './work-event.ts'

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

/**
 * Tells of a failure that may pass, once as long as it is the same, and gives what it told; `told` is what that gave before.
 * @throws the failure, where it does not pass by itself.
 */
export function tellAway(
  error: unknown,
  told: string | undefined,
  onEvent: (event: Extract<WorkEvent, { type: 'database-away' }>) => void,
): string {
  const patience = error instanceof MillraceError ? error.detail.patience : undefined
  if (typeof patience !== 'string') throw error
  if (patience !== told)
    onEvent({ type: 'database-away', message: `${patience}; this worker goes on by itself when that has passed` })
  return patience
}
