import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { migrate } from '../../src/ledger/schema.ts'
import { RESULTS_BY_PATH } from '../../src/ledger/statements.ts'
import { ledgerConformance } from './conformance.ts'
import { temporaryFolder } from './samples.ts'

ledgerConformance('SQLite in a thread', async () => {
  const folder = temporaryFolder()
  return {
    open: () => openLedger(folder.path),
    [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
  }
})

it('pages through results by index, sorting nothing', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db)
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${RESULTS_BY_PATH}`).all()
  expect(plan.map(({ detail }) => detail).join('\n')).not.toMatch(/TEMP B-TREE|SCAN/)
})
