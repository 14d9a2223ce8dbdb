import type { DatabaseSync } from 'node:sqlite'
import type { Ownership } from '../../../src/ledger/owner-lock.ts'
import { SqliteLedger } from '../../../src/ledger/sqlite-ledger.ts'

/** A ledger that is wrong on purpose: it forgets to remove files that are gone, so that their results stay. */
export class ForgetfulLedger extends SqliteLedger {
  constructor(db: DatabaseSync, ownership: Ownership) {
    db.exec('CREATE TEMP TRIGGER files_stay BEFORE DELETE ON main.files BEGIN SELECT raise(IGNORE); END')
    super(db, ownership)
  }
}
