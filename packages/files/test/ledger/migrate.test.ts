import { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { expect, it } from 'vitest'
import { MIGRATIONS } from '../../src/ledger/migrations.ts'
import { migrate, SCHEMA_CRC, SCHEMA_VERSION, schemaCrc, TABLES } from '../../src/ledger/schema.ts'
import { SqliteLedger } from '../../src/ledger/sqlite-ledger.ts'
import { CHECKSUMS } from '../../src/ledger/tables.ts'
import {
  byStamp,
  checkpoint,
  chunk,
  delivery,
  file,
  foundFiles,
  hashOf,
  jobSpec,
  owned,
  owner,
  pathOf,
} from './samples.ts'

interface Old {
  readonly root?: string
  readonly processors?: readonly string[]
  readonly state?: string
}

/** A ledger as version 1 made it. */
class OldLedger {
  readonly db = new DatabaseSync(':memory:')
  #jobs = 0
  #records = 0

  constructor() {
    this.db.exec(MIGRATIONS[0]!)
    this.db.exec('PRAGMA user_version = 1')
  }

  /** Three files, of which the first is delivered and the second in quarantine, and one entry excluded. */
  addJob({ root = '/tree', processors = jobSpec.processors, state = 'done' }: Old): void {
    const job = ++this.#jobs
    const put = (sql: string, ...values: (string | number | null)[]) => this.db.prepare(sql).run(...values)
    put(
      `INSERT INTO jobs VALUES (?, ?, ?, ?, '{}', 4711, 1.5, 'mill', 100, ?, 1, 200, '{"job":${job}}', NULL)`,
      job,
      `20261121-00${job}`,
      root,
      JSON.stringify(processors),
      state,
    )
    for (const fileId of [0, 1, 2]) {
      const { path, size, mtimeMs, stamp } = file(fileId)
      put(
        `INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, 'typescript', 'source')`,
        job,
        fileId,
        path,
        size,
        mtimeMs,
        stamp,
      )
    }
    put('INSERT INTO files (job, file_id, path) VALUES (?, -1, ?)', job, '.env')
    put(`INSERT INTO exclusions VALUES (?, -1, 'hidden')`, job)
    const record = `{"job":${job}}`
    put('INSERT INTO records VALUES (?, ?, ?, ?)', ++this.#records, hashOf(job), crc32(record), record)
    put('INSERT INTO results VALUES (?, 0, 5, 7.5, ?)', job, this.#records)
    put(`INSERT INTO quarantine VALUES (?, 1, 5, 'EIO', 'no', 2, '{}')`, job)
    put(`INSERT INTO attempts VALUES (?, 1, 1, 5, 'EIO', 'no', 3)`, job)
    put(`INSERT INTO highlights VALUES (?, 'complexity', 12, 'f')`, job)
    put('INSERT INTO batches VALUES (?, 5, 1, 2, 3, 0, 1, 1)', job)
  }
}

const books = { discovered: 4, delivered: 1, quarantined: 1, excluded: 1 }

it('carries a ledger of version 1 over: each tree has the files of its newest job', () => {
  const { db } = oldLedger([
    {},
    { root: '/other' },
    { processors: ['syntax@2', 'ast-json@1'], state: 'running' },
    { processors: ['@scope/own@1'] },
    { processors: [] },
  ])
  using _ = db
  migrate(db)
  const ledger = new SqliteLedger(db, owned)
  expect(
    ledger
      .jobs()
      .map(({ jobId, root, state, starts, supersededBy, summary, priority }) => [
        jobId,
        root,
        state,
        starts,
        supersededBy,
        summary,
        priority,
      ]),
  ).toEqual([
    ['20261121-005', '/tree', 'done', 1, null, '{"job":5}', 1],
    ['20261121-004', '/tree', 'done', 1, null, '{"job":4}', 1],
    ['20261121-003', '/tree', 'running', 1, null, '{"job":3}', 1],
    ['20261121-002', '/other', 'done', 1, null, '{"job":2}', 1],
    ['20261121-001', '/tree', 'done', 1, '20261121-003', '{"job":1}', 1],
  ])
  for (const { jobId } of ledger.jobs()) {
    expect(ledger.books(jobId)).toEqual(books)
    expect(ledger.batches(jobId)).toMatchObject([{ batchId: 5, delivered: 1, quarantined: 1, complete: true }])
  }
  expect(() => ledger.results('20261121-001', undefined, 1, 1)).toThrow('20261121-003')
  expect(ledger.results('20261121-003', undefined, 10, 1e9)).toEqual([
    { path: pathOf(0), hash: hashOf(3), record: '{"job":3}' },
  ])
  expect(ledger.quarantine('20261121-003')).toMatchObject([{ path: pathOf(1), code: 'EIO', attempts: 2 }])
  expect(ledger.attempts('20261121-003', 10)).toMatchObject([{ path: pathOf(1), batchId: 5 }])
  expect(ledger.pendingFiles('20261121-003', -1, 10)).toEqual([file(2)])
  expect(ledger.highlights('20261121-003', 10)).toEqual([])
  expect(db.prepare('SELECT count(*) AS n FROM records').get()).toMatchObject({ n: 4 })
  expect(db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '%1'`).all()).toEqual([])
  expect(db.prepare('PRAGMA foreign_key_check').all()).toEqual([])
  expect(db.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' })
})

it('makes all results of version 1 anew when the tree is met, and goes on from there', () => {
  const { db } = oldLedger([{ state: 'running' }])
  using _ = db
  migrate(db)
  const ledger = new SqliteLedger(db, owned)
  const jobId = '20261121-001'
  expect(ledger.startJob(jobId, owner, 1)).toEqual({ firstBatchId: 6 })
  expect(ledger.meetFiles(jobId, chunk(foundFiles(4)), byStamp)).toMatchObject({
    pending: [file(0), file(1), file(2), file(3)],
    reopened: [0, 1],
    unchanged: 0,
  })
  ledger.commit(jobId, checkpoint(6, { deliveries: [0, 1, 2, 3].map((id) => delivery(id)) }))
  const next = ledger.enqueueJob(jobSpec)
  ledger.startJob(next, owner, 2)
  expect(ledger.meetFiles(next, chunk(foundFiles(4)), byStamp)).toMatchObject({ unchanged: 4, pending: [] })
})

it('has a checksum for the rows of every table that has one', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db)
  const tables = db
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'records'
      AND EXISTS (SELECT 1 FROM pragma_table_xinfo(sqlite_schema.name) WHERE name = 'crc') ORDER BY name`,
    )
    .all()
  expect(tables.map(({ name }) => name)).toEqual([...TABLES.deciding, ...TABLES.large].sort())
  expect(Object.keys(CHECKSUMS)).toEqual([...TABLES.deciding, ...TABLES.large])
})

function oldLedger(jobs: readonly Old[]): OldLedger {
  const old = new OldLedger()
  for (const job of jobs) old.addJob(job)
  return old
}

it.each([
  ['in a new file', () => new DatabaseSync(':memory:')],
  ['carried over', () => oldLedger([]).db],
])('knows how its tables are defined: %s', (_, make) => {
  using db = make()
  migrate(db)
  expect(schemaCrc(db)).toBe(SCHEMA_CRC)
  expect(db.prepare('PRAGMA user_version').get()).toEqual({ user_version: SCHEMA_VERSION })
})
