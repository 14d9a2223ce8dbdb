import { expect, it } from 'vitest'
import type { Reuse } from '../../src/ledger/ledger.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { SqliteLedger } from '../../src/ledger/sqlite-ledger.ts'
import {
  CHECKPOINT_FILES,
  KNOWN_EXCLUSIONS_AT,
  KNOWN_FILES,
  KNOWN_FILES_AT,
  PENDING_FILES,
  RESULTS_BY_PATH,
} from '../../src/ledger/statements.ts'
import { ledgerConformance } from './conformance.ts'
import {
  byStamp,
  checkpoint,
  chunk,
  delivery,
  found,
  foundFiles,
  jobSpec,
  memoryDatabase,
  owned,
  owner,
  quarantined,
  temporaryFolder,
} from './samples.ts'

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

it('meets a path and what lies below it by index', () => {
  using db = memoryDatabase()
  for (const sql of [KNOWN_FILES_AT, KNOWN_EXCLUSIONS_AT]) {
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    expect(plan.map(({ detail }) => detail).join('\n')).not.toMatch(/SCAN/)
  }
})

it('looks for pending files in the index by id, up to the page it gives', () => {
  using db = memoryDatabase()
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${PENDING_FILES}`).all()
  const details = plan.map(({ detail }) => detail).join('\n')
  expect(details).toContain('SEARCH i USING COVERING INDEX files_by_id')
  expect(details).toContain('SEARCH r USING INDEX results_by_file')
  expect(details.match(/SCAN \w+/g)).toEqual(['SCAN p'])
})

it('looks up the files of a checkpoint by index, each once', () => {
  using db = memoryDatabase()
  const plan = db.prepare(`EXPLAIN QUERY PLAN ${CHECKPOINT_FILES}`).all()
  expect(plan.map(({ detail }) => String(detail).replace(/ \(.*/, ''))).toEqual([
    'SCAN j VIRTUAL TABLE INDEX 1:',
    'SEARCH f USING COVERING INDEX files_by_id',
    'SEARCH r USING INDEX results_by_file',
  ])
})

it('leaves record and row of a result where they are while it is read again, and when it is replaced', () => {
  using db = memoryDatabase()
  const ledger = new SqliteLedger(db, owned)
  const places = () => db.prepare('SELECT rowid, file_id, record_id, reopened FROM results ORDER BY rowid').all()
  const job = (stamp: (n: number) => string) => {
    const jobId = ledger.enqueueJob(jobSpec)
    ledger.startJob(jobId, owner, 1)
    ledger.meetFiles(jobId, chunk([0, 1, 2].map((n) => found(n, { stamp: stamp(n) }))), byStamp)
    return jobId
  }
  ledger.commit(
    job((n) => `a:b:${n}`),
    checkpoint(0, { deliveries: [delivery(2), delivery(0), delivery(1)] }),
  )
  const before = places()
  const second = job(() => 'x')
  expect(places()).toEqual(before.map((row) => ({ ...row, reopened: 1 })))
  const highlights = [{ fileId: 2, list: 'complexity', label: 'f', value: 1 }]
  ledger.commit(
    second,
    checkpoint(0, { confirmed: [{ fileId: 2, stamp: 'x' }], deliveries: [delivery(0)], highlights }),
  )
  ledger.commit(second, checkpoint(1, { quarantined: [quarantined(1)] }))
  expect(places()).toEqual(before.slice(0, 2))
  expect(db.prepare('SELECT count(*) AS count FROM records').get()).toEqual({ count: 2 })
  expect(ledger.highlights(second, 10)).toHaveLength(1)
})

it('keeps what a verification confirmed for as long as it may be gone on with, in a row a checkpoint', () => {
  using db = memoryDatabase()
  const ledger = new SqliteLedger(db, owned)
  const rows = () => db.prepare('SELECT job, files FROM confirmations').all()
  const results = () => db.prepare('SELECT * FROM results').all()
  const job = (reuse: Reuse) => {
    const jobId = ledger.enqueueJob(jobSpec)
    ledger.startJob(jobId, owner, 1)
    ledger.meetFiles(jobId, chunk(foundFiles(4)), { ...byStamp, reuse })
    return jobId
  }
  const confirmed = (...ids: number[]) => ids.map((fileId) => ({ fileId, stamp: `a:b:${fileId}` }))
  ledger.commit(job('stamp'), checkpoint(0, { deliveries: [0, 1, 2, 3].map((id) => delivery(id)) }))
  const before = results()
  const second = job('hash')
  ledger.commit(second, checkpoint(0, { complete: false, confirmed: confirmed(3, 1) }))
  ledger.commit(second, checkpoint(0, { confirmed: confirmed(0) }))
  expect(rows().map(({ files }) => files)).toEqual(['[3,1]', '[0]'])
  expect(results()).toEqual(before)
  ledger.finishJob(second, { state: 'interrupted', finishedMs: 1, summary: '{}' })
  expect(rows()).toHaveLength(2)
  const third = job('hash')
  expect(rows()).toEqual([])
  ledger.commit(third, checkpoint(0, { confirmed: confirmed(0, 1, 2, 3) }))
  expect(rows()).toHaveLength(1)
  ledger.finishJob(third, { state: 'done', finishedMs: 1, summary: '{}' })
  expect(rows()).toEqual([])
})
