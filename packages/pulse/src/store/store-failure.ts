import { MillraceError } from '@millrace/kernel/errors'

/** Primary result codes of SQLite, https://sqlite.org/rescode.html. */
const SQLITE = { BUSY: 5, LOCKED: 6, IOERR: 10, CORRUPT: 11, FULL: 13, NOTADB: 26 }

interface SqliteError extends Error {
  /** SQLite's extended result code. */
  readonly errcode: number
  readonly errstr: string
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

/** Whether the disk failed, and not what was to be written. */
export function isDiskFailure(error: unknown): boolean {
  const code = isSqliteError(error) ? error.errcode & 0xff : 0
  return code === SQLITE.FULL || code === SQLITE.IOERR || code === SQLITE.CORRUPT
}

/** Why a store could not be opened, as an error that a user meets. */
export function openFailure(error: unknown, file: string): MillraceError {
  if (error instanceof MillraceError) return error
  const code = isSqliteError(error) ? error.errcode & 0xff : 0
  if (code === SQLITE.BUSY || code === SQLITE.LOCKED) {
    return new MillraceError(
      'STORE_BUSY',
      `The store ${file} is in use by another process. End that, or give this one a file of its own.`,
      { detail: { file } },
    )
  }
  if (code === SQLITE.NOTADB || code === SQLITE.CORRUPT) return unreadable(file, `is damaged (${textOf(error)})`, error)
  return writeFailure(error, file, 'opened')
}

/** Why changes could not be kept. */
export function writeFailure(error: unknown, file: string, done = 'written'): MillraceError {
  if (error instanceof MillraceError) return error
  const detail = isSqliteError(error) ? { file, sqlite: error.errcode, reason: error.errstr } : { file }
  return new MillraceError(
    'STORE_FAILED',
    `The store ${file} could not be ${done} (${textOf(error)}). What was kept before is safe; see that the file may be written and the disk has room.`,
    { detail, cause: error },
  )
}

export function unreadable(file: string, what: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'STORE_UNREADABLE',
    `The store ${file} ${what}. Name another file, or move this one away: then nothing is remembered of what was before.`,
    { detail: { file }, ...(cause !== undefined && { cause }) },
  )
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
