import type { DatabaseSync } from 'node:sqlite'
import type { Ownership } from '../../../src/ledger/owner-lock.ts'
import { SqliteLedger } from '../../../src/ledger/sqlite-ledger.ts'

/** A ledger that is wrong on purpose: a result that goes is no new revision to it, only one that comes. */
export class UnrevisedLedger extends SqliteLedger {
  constructor(db: DatabaseSync, ownership: Ownership) {
    db.exec(`CREATE TEMP TABLE fewer (results INTEGER);
      CREATE TEMP TRIGGER result_went AFTER DELETE ON main.results BEGIN INSERT INTO fewer VALUES (1); END;
      CREATE TEMP TRIGGER unrevised BEFORE UPDATE OF revision ON main.trees WHEN EXISTS (SELECT 1 FROM fewer)
      BEGIN DELETE FROM fewer; SELECT raise(IGNORE); END`)
    super(db, ownership)
  }
}
