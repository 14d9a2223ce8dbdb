import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MillraceError } from '@millrace/kernel/errors'
import { sqliteFailure } from './sqlite-failure.ts'

/** SQLite's code for a lock that somebody else has. */
const SQLITE_BUSY = 5

/** What a ledger needs of its lock. */
export interface Ownership extends Disposable {
  readonly held: boolean
  /** Takes the lock, or says by false that another has it. Waits for nobody. */
  tryTake(): boolean
}

/**
 * The lock by which one process at a time owns a ledger.
 *
 * The operating system keeps it, through SQLite, on a file of its own (`owner.lock`) that holds nothing: it ends with the process whatever ends that, also
 * across containers, and is never in the way of those who only read. Two locks in one process exclude each other too.
 */
export class OwnerLock implements Ownership {
  readonly #file: string
  #held: DatabaseSync | undefined

  constructor(stateDir: string) {
    this.#file = join(stateDir, 'owner.lock')
  }

  get held(): boolean {
    return this.#held !== undefined
  }

  tryTake(): boolean {
    if (this.#held !== undefined) return true
    let db: DatabaseSync | undefined
    try {
      db = new DatabaseSync(this.#file, { timeout: 0 })
      db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
      this.#held = db
      return true
    } catch (error) {
      db?.close()
      if (isBusy(error)) return false
      throw sqliteFailure(error, this.#file)
    }
  }

  /** Gives the lock up, where it is held. */
  [Symbol.dispose](): void {
    this.#held?.close()
    this.#held = undefined
  }
}

/** Of a ledger that is only read. */
export function neverOwned(file: string): Ownership {
  return {
    held: false,
    tryTake() {
      throw new MillraceError(
        'LEDGER_NOT_OWNED',
        `The ledger ${file} was opened for reading only, and such a one cannot be owned. Open it without \`readonly\`.`,
        { detail: { file } },
      )
    },
    [Symbol.dispose]() {},
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY
}
