import type { DatabaseSync } from 'node:sqlite'
import type { FoundChunk, FoundFile, MeetOptions, Met } from '../../../src/ledger/ledger.ts'
import type { Ownership } from '../../../src/ledger/owner-lock.ts'
import { SqliteLedger } from '../../../src/ledger/sqlite-ledger.ts'

/** A ledger that is wrong on purpose: it takes every file that it knows for what it was. */
export class StampBlindLedger extends SqliteLedger {
  readonly #stampOf: (path: string) => unknown

  constructor(db: DatabaseSync, ownership: Ownership) {
    super(db, ownership)
    const query = db.prepare(
      'SELECT coalesce(r.stamp, f.stamp) AS stamp FROM files AS f LEFT JOIN results AS r USING (tree, file_id) WHERE path = ?',
    )
    this.#stampOf = (path) => query.get(path)?.stamp
  }

  override meetFiles(jobId: string, found: FoundChunk, options: MeetOptions): Met {
    const blind = (file: FoundFile) => ({ ...file, stamp: String(this.#stampOf(file.path) ?? file.stamp) })
    return super.meetFiles(jobId, { ...found, files: found.files.map(blind) }, options)
  }
}
