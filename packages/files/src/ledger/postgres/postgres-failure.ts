import { MillraceError, type MillraceErrorOptions } from '@millrace/kernel/errors'
import { encryptionAdvice } from '../../postgres-address.ts'

/** What a server says of an error. */
export interface ServerError extends Error {
  /** SQLSTATE. */
  readonly code: string
  readonly severity: string
  readonly detail?: string
}

/** Whether the server itself has sent this. */
export function isServerError(error: unknown): error is ServerError {
  return (
    error instanceof Error &&
    'severity' in error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^[0-9A-Z]{5}$/.test(error.code)
  )
}

const ERRORS = {
  unreachable: (message: string, options: MillraceErrorOptions) =>
    new MillraceError('LEDGER_UNREACHABLE', message, options),
  unwritable: (message: string, options: MillraceErrorOptions) =>
    new MillraceError('LEDGER_WRITE_FAILED', message, options),
  busy: (message: string, options: MillraceErrorOptions) => new MillraceError('LEDGER_BUSY', message, options),
  readOnly: (message: string, options: MillraceErrorOptions) => new MillraceError('LEDGER_READ_ONLY', message, options),
  refused: (message: string, options: MillraceErrorOptions) => new MillraceError('LEDGER_REFUSED', message, options),
  corrupt: (message: string, options: MillraceErrorOptions) => new MillraceError('LEDGER_CORRUPT', message, options),
} as const

/** What may pass, by SQLSTATE or its class, as the sentence that a job shows while it waits. A code goes before its class. */
const PASSING: Readonly<Record<string, readonly [kind: keyof typeof ERRORS, patience: string]>> = {
  '08': ['unreachable', 'PostgreSQL does not answer'],
  '25P03': ['unreachable', 'PostgreSQL has ended the connection'],
  '25P04': ['unreachable', 'PostgreSQL has ended the connection'],
  '53': ['unwritable', 'PostgreSQL has run out of something'],
  '53100': ['unwritable', 'The disk of PostgreSQL is full'],
  '53200': ['unwritable', 'PostgreSQL is out of memory'],
  '53300': ['unreachable', 'PostgreSQL has no connection to spare'],
  '40001': ['busy', 'Others hold what the ledger needs in PostgreSQL'],
  '40P01': ['busy', 'Others hold what the ledger needs in PostgreSQL'],
  '55P03': ['busy', 'Others hold what the ledger needs in PostgreSQL'],
  '57': ['unreachable', 'PostgreSQL is stopping or starting'],
  '57014': ['busy', 'PostgreSQL has ended a statement of the ledger'],
  '58030': ['unwritable', 'The disk of PostgreSQL does not answer'],
}

const NOT_AS_MADE =
  'Its tables are not as Millrace made them. Restore them from a copy, or use another database or schema'

/** What does not pass by itself. */
const LASTING: Readonly<Record<string, readonly [kind: keyof typeof ERRORS, advice: string]>> = {
  '08P01': [
    'refused',
    'A pooler in between must let idle_in_transaction_session_timeout and lock_timeout through, or pass over them (PgBouncer: ignore_startup_parameters), and pool sessions',
  ],
  '25006': [
    'readOnly',
    'The database takes no changes: it is a standby, or default_transaction_read_only is on. Name the primary in the URL, or read with `jobs` and `show` only',
  ],
  '28': ['refused', 'Check user and password, in the URL, PGPASSWORD or ~/.pgpass, and what pg_hba.conf allows'],
  '3D': ['refused', 'Check the database in the URL, or make it with createdb'],
  '42501': [
    'refused',
    'The user needs the right to use the schema, and for the first run to create it: GRANT CREATE ON DATABASE … TO …',
  ],
  '42P01': ['corrupt', NOT_AS_MADE],
  '42703': ['corrupt', NOT_AS_MADE],
  '42883': ['corrupt', NOT_AS_MADE],
  '26': ['refused', 'A pooler in between must pool sessions, not transactions'],
  XX: ['corrupt', 'Its pages are damaged. Restore the database from a copy, or use another one'],
}

/** What `pg` says, in errors of its own, when the connection is no more. */
const LOST =
  /^(Connection (terminated|ended|was cut)|Client (has|was)|timeout (expired|exceeded)|Query read timeout|The ledger’s connection)/

/** The operating system's names of the same. */
const LOST_CODES = /^(E(CONN|PIPE|TIMEDOUT|HOST|NET|NOTFOUND|AI_|ADDR)|ENOTFOUND)/

/** Whether an error says that there is no connection to the server, or none any more. */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (isServerError(error)) return /^(08|57P0|25P0[345]|53300)/.test(error.code)
  return LOST.test(error.message) || ('code' in error && typeof error.code === 'string' && LOST_CODES.test(error.code))
}

/**
 * What `pg` threw over the ledger at `place`, as the error a user meets; anything else comes back as it is.
 *
 * Where it may pass, `detail.patience` says what is waited for. `place` has no password in it, and neither has what servers and `pg` say.
 */
export function postgresFailure(error: unknown, place: string): unknown {
  if (error instanceof MillraceError || !(error instanceof Error)) return error
  if (isServerError(error)) {
    const state = error.code
    const detail = { place, sqlState: state, reason: error.message }
    const passing = PASSING[state] ?? (state in LASTING ? undefined : PASSING[state.slice(0, 2)])
    if (passing !== undefined) {
      const [kind, patience] = passing
      return ERRORS[kind](
        `${patience} (${place}: ${error.message}, SQLSTATE ${state}). What was acknowledged before is safe; try again when that has passed.`,
        { detail: { ...detail, patience: `${patience} (${place})` }, cause: error },
      )
    }
    const lasting = LASTING[state] ?? LASTING[state.slice(0, 2)]
    if (lasting === undefined) return error
    const [kind, advice] = lasting
    return ERRORS[kind](
      `The ledger in PostgreSQL cannot be used (${place}: ${error.message}, SQLSTATE ${state}). ${advice}.`,
      { detail, cause: error },
    )
  }
  return isConnectionLoss(error) ? unreachable(error, place) : error
}

/** What a connection could not be made for: what the server says against it does not pass by itself, unless that is known of it. */
export function unconnected(error: unknown, place: string): unknown {
  const advice = encryptionAdvice(error)
  const failure = isServerError(error) ? postgresFailure(error, place) : undefined
  if (advice === undefined && failure === undefined) return unreachable(error, place)
  if (failure instanceof MillraceError) return failure
  const reason = reasonOf(error)
  return new MillraceError(
    'LEDGER_REFUSED',
    `The ledger in PostgreSQL cannot be used (${place}: ${reason}). ${advice ?? 'Check the URL, and PGOPTIONS'}.`,
    { detail: { place, reason }, cause: error },
  )
}

/** There is no connection to the server. */
export function unreachable(error: unknown, place: string): MillraceError {
  const reason = reasonOf(error)
  return new MillraceError(
    'LEDGER_UNREACHABLE',
    `PostgreSQL does not answer (${place}: ${reason}). Check that it runs there and lets this machine in. What was acknowledged before is safe.`,
    { detail: { place, reason, patience: `PostgreSQL does not answer (${place})` }, cause: error },
  )
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Of a host with several addresses `pg` tells by an AggregateError, which has no message.
  return error.message || ('code' in error ? String(error.code) : error.name)
}
