import { MillraceError } from '@millrace/kernel/errors'
import type { Failure } from '../sink.ts'

/** What a server says of an error, as both `pg` and PGlite have it. */
interface ServerError extends Error {
  /** SQLSTATE. */
  readonly code: string
  readonly severity: string
  readonly table?: string
  readonly column?: string
  readonly constraint?: string
}

/** Whether the server itself has sent this: then it is still there to roll the transaction back. */
export function isServerError(error: unknown): error is ServerError {
  return (
    error instanceof Error &&
    'severity' in error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^[0-9A-Z]{5}$/.test(error.code)
  )
}

/** Whether the server ends the session with this: its severity is in the server's language, so that its code is looked at too. */
export function endsSession({ severity, code }: ServerError): boolean {
  return severity === 'FATAL' || severity === 'PANIC' || /^(57P0|25P0[345])/.test(code)
}

/** SQLSTATE classes and codes; a code goes before its class. Nothing is written, unless a pooler between says that it does not know. */
const FAILURES: Readonly<Record<string, Failure>> = {
  // Values that do not fit, and constraints they break.
  '21': 'data',
  '22': 'data',
  '23': 'data',
  // What a user's trigger or function raises is about the row.
  P0: 'data',
  // Too much for the limits of the server: too large a row for an index, and the like.
  '54': 'data',
  '08': 'transient',
  '25': 'transient',
  '40': 'transient',
  '53': 'transient',
  '55': 'transient',
  '57': 'transient',
  '58': 'transient',
  XX: 'transient',
  '08007': 'unknown',
  '40003': 'unknown',
  // A prepared statement is gone, or what it returns has changed: it is prepared anew.
  '26000': 'transient',
  '0A000': 'transient',
  // Nothing is there any more, or not yet, or not for this user: 0A, 28, 3D, 3F, 42 and all others.
}

/** What a server's error tells of a batch. */
export function failureOfState(sqlState: string): Failure {
  return FAILURES[sqlState] ?? FAILURES[sqlState.slice(0, 2)] ?? 'permanent'
}

/** The server refused a batch: nothing of it is written, as far as it knows. */
export function databaseRefused(error: ServerError): MillraceError {
  const { code, table, column, constraint, message } = error
  const failure = failureOfState(code)
  return new MillraceError(
    'DATABASE_REFUSED',
    `The database refused the batch, and ${failure === 'unknown' ? 'does not know whether it is written' : 'nothing of it is written'}: ${message} (SQLSTATE ${code})`,
    {
      detail: { failure, sqlState: code, table, column, constraint },
      cause: error,
    },
  )
}

/** The connection ended without an answer. */
export function connectionLost(failure: 'transient' | 'unknown', cause: unknown): MillraceError {
  return new MillraceError(
    'CONNECTION_LOST',
    failure === 'unknown'
      ? 'The connection to the database was lost after COMMIT was sent: it is not known whether the batch is written'
      : 'The connection to the database was lost before COMMIT was sent: nothing of the batch is written',
    { detail: { failure }, cause },
  )
}

/** What an error tells of its batch, that came from here. */
export function failureOf(error: unknown): Failure {
  const failure = error instanceof MillraceError ? error.detail.failure : undefined
  return failure === 'data' || failure === 'transient' || failure === 'permanent' ? failure : 'unknown'
}
