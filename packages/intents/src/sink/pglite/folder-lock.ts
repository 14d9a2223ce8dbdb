import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MillraceError } from '@millrace/kernel/errors'

/** SQLite's code for a lock that somebody else has. */
const SQLITE_BUSY = 5

/**
 * Takes the lock of a database's folder: PGlite has none, and two processes on one folder would destroy it.
 *
 * The operating system keeps it, through SQLite, on a file that holds nothing: it ends with the process, whatever ends that.
 * @throws {MillraceError} `DATABASE_LOCKED` if another has it, in this process or elsewhere.
 */
export function lockFolder(folder: string): Disposable {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(join(folder, 'owner.lock'), { timeout: 0 })
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock?.close()
    if (!(cause instanceof Error && 'errcode' in cause && (Number(cause.errcode) & 0xff) === SQLITE_BUSY)) throw cause
    throw new MillraceError(
      'DATABASE_LOCKED',
      `The database in ${folder} is in use by another process or sink; end that one, or choose another folder`,
      { detail: { folder, failure: 'transient' }, cause },
    )
  }
  const held = lock
  return { [Symbol.dispose]: () => held.close() }
}
