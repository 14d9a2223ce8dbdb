import type { DatabaseSync } from 'node:sqlite'
import type { Ownership } from '../../../src/ledger/owner-lock.ts'
import { SqliteLedger } from '../../../src/ledger/sqlite-ledger.ts'

/** A ledger that is wrong on purpose: it does not keep which files a job has verified, so that a resumed job reads them again. */
export class UnconfirmingLedger extends SqliteLedger {
  constructor(db: DatabaseSync, ownership: Ownership) {
    db.exec('CREATE TEMP TRIGGER unconfirmed BEFORE INSERT ON main.confirmations BEGIN SELECT raise(IGNORE); END')
    super(db, ownership)
  }
}
