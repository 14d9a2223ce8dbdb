import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MillraceError } from '@millrace/kernel/errors'

/** SQLite's primary codes where the operating system refuses this user: READONLY, CANTOPEN, and PERM. */
const DENIALS: ReadonlySet<number> = new Set([3, 8, 14])

/** Whether an error says that this user may not do to the files what opening them takes. */
export function isDenied(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && DENIALS.has(Number(error.errcode) & 0xff)
}

/**
 * The ledger at `file` as SQLite opens it without any other file, or undefined where it needs one. To read what is in WAL mode SQLite writes beside it, which
 * another user may not; but of a ledger that was closed the file itself is all there is.
 */
export function atRest(file: string): URL | undefined {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return undefined
  const location = pathToFileURL(file)
  location.searchParams.set('immutable', '1')
  return location
}

/** Whether there is a file. @throws {MillraceError} `LEDGER_UNREADABLE` where this user may not even see that. */
export function isThere(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') throw unreadable(file, error)
    return false
  }
}

/** A ledger that this user may not read, and why. */
export function unreadable(file: string, cause: unknown): MillraceError {
  const folder = dirname(file)
  const [why, remedy] = !may(folder, constants.X_OK)
    ? [
        `its folder is closed to this user`,
        `Let its owner open the folder and the files in it: chmod -R a+rX ${folder}`,
      ]
    : !may(file, constants.R_OK)
      ? [`the file is closed to this user`, `Let its owner open it: chmod -R a+r ${folder}`]
      : [
          'a job that was killed left it in the midst of a write, and to put that in order takes writing to the folder',
          'Let its owner look at it once, by `millrace files jobs`, or copy the folder and name the copy with --state DIR',
        ]
  return new MillraceError('LEDGER_UNREADABLE', `The ledger ${file} cannot be read: ${why}. ${remedy}.`, {
    detail: { file, reason: why },
    cause,
  })
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}
