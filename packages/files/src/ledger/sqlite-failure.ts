import { MillraceError } from '@millrace/kernel/errors'

/** Primary result codes of SQLite, https://sqlite.org/rescode.html. */
const SQLITE = {
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
}

interface SqliteError extends Error {
  /** SQLite's extended result code. */
  readonly errcode: number
  readonly errstr: string
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

/** The extended codes by which the schema says that a row contradicts others: CHECK, FOREIGN KEY, PRIMARY KEY, TRIGGER, UNIQUE. */
const CONFLICTS = new Set([275, 787, 1555, 1811, 2067])

/** Whether a key, a reference or a trigger of the schema refused the row; a value of the wrong type is no conflict but a bug. */
export function isConflict(error: unknown): boolean {
  return isSqliteError(error) && CONFLICTS.has(error.errcode)
}

/** What SQLite threw over the ledger at `file`, as the error a user meets; anything else comes back as it is. */
export function sqliteFailure(error: unknown, file: string): unknown {
  if (!isSqliteError(error)) return error
  const detail = { file, sqlite: error.errcode, reason: error.errstr }
  const options = { detail, cause: error }
  switch (error.errcode & 0xff) {
    case SQLITE.NOTADB:
    case SQLITE.CORRUPT:
      return new MillraceError(
        'LEDGER_CORRUPT',
        `The ledger ${file} is damaged or is no ledger (${error.message}). Restore it from a copy, or move it away and run again: the next run starts a new one.`,
        options,
      )
    case SQLITE.FULL:
    case SQLITE.IOERR:
      return new MillraceError(
        'LEDGER_WRITE_FAILED',
        `The ledger ${file} could not be written (${error.message}, SQLite code ${error.errcode}). What was acknowledged before is safe; see that the disk has room and is well.`,
        options,
      )
    case SQLITE.BUSY:
    case SQLITE.LOCKED:
      return new MillraceError(
        'LEDGER_BUSY',
        `The ledger ${file} is held by another process (${error.message}). Let it finish, or give this run its own with --state DIR.`,
        options,
      )
    case SQLITE.CANTOPEN:
    case SQLITE.READONLY:
      return new MillraceError(
        'STATE_UNWRITABLE',
        `The ledger ${file} cannot be opened for writing (${error.message}). Make its folder writable, or name another with --state DIR.`,
        options,
      )
    default:
      return error
  }
}
