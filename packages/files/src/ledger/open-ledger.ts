import { resolve } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import type { Ledger } from './ledger.ts'
import { ThreadedLedger } from './threaded-ledger.ts'

export interface OpenLedgerOptions {
  /** Opens a ledger that is there and only reads it; a run may be writing to it meanwhile. @default false */
  readonly readonly?: boolean
}

/**
 * Opens the ledger in `stateDir` (`ledger.db`, SQLite), making folder and file where they are missing.
 *
 * It is served by a thread of its own. Close it, or use `await using`.
 * @param stateDir Relative to the current directory, or absolute.
 * @throws {MillraceError} `STATE_UNWRITABLE` where folder or file cannot be made or written, `LEDGER_MISSING` where there is nothing to
 * read, `LEDGER_UNREADABLE` where it is another user's, `LEDGER_CORRUPT` where the file is damaged or is no ledger, `LEDGER_NEWER` where a later version wrote it, `LEDGER_BUSY` where another
 * process holds it, `LEDGER_WRITE_FAILED` where the disk refuses.
 */
export async function openLedger(stateDir: string, options: OpenLedgerOptions = {}): Promise<Ledger> {
  const { readonly = false } = options
  if (typeof stateDir !== 'string' || stateDir === '') {
    throw new MillraceError(
      'OPTION_INVALID',
      `openLedger: stateDir must be a folder's path, not ${JSON.stringify(stateDir)}`,
      {
        detail: { option: 'stateDir', value: stateDir },
      },
    )
  }
  if (typeof readonly !== 'boolean') {
    throw new MillraceError('OPTION_INVALID', `openLedger: readonly must be true or false, not ${String(readonly)}`, {
      detail: { option: 'readonly', value: readonly },
    })
  }
  return ThreadedLedger.open({ stateDir: resolve(stateDir), readonly })
}
