import { expect, it } from 'vitest'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { KNOWN_FILES, PENDING_FILES, RESULTS_BY_PATH } from '../../src/ledger/statements.ts'
import { ledgerConformance } from './conformance.ts'
import { memoryDatabase, temporaryFolder } from './samples.ts'

ledgerConformance('SQLite in a thread', async () => {
  const folder = temporaryFolder()
  return {
    open: () => openLedger(folder.path),
    [Symbol.asyncDispose]: async () => folder[Symbol.dispose](),
  }
})

it.each([
  ['pages through results', RESULTS_BY_PATH],
  ['meets files', KNOWN_FILES],
])('%s by index, sorting nothing', (_, sql) => {
  using db = memoryDatabase()
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
  expect(plan.map(({ detail }) => detail).join('\n')).not.toMatch(/TEMP B-TREE|SCAN/)
})

it('looks for pending files in indexes alone, up to the page it gives', () => {
  using db = memoryDatabase()
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${PENDING_FILES}`).all()
  const details = plan.map(({ detail }) => detail).join('\n')
  expect(details).toContain('SEARCH i USING COVERING INDEX files_by_id')
  expect(details.match(/SCAN \w+/g)).toEqual(['SCAN p'])
})
