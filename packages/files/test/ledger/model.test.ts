import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ExcludedFile } from '../../src/file.ts'
import { MIGRATIONS, migrate } from '../../src/ledger/schema.ts'
import { SqliteLedger } from '../../src/ledger/sqlite-ledger.ts'
import { PiecemealLedger } from './mutants/piecemeal-ledger.ts'
import { checkpoint, delivery, file, jobSpec, quarantined } from './samples.ts'

type Operation =
  | { readonly type: 'add'; readonly ids: readonly number[]; readonly excluded: number }
  | {
      readonly type: 'commit'
      readonly batch: number
      readonly complete: boolean
      readonly good: number[]
      readonly bad: number[]
    }

const FILES = 6
const id = fc.nat(FILES - 1)
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('add' as const),
      ids: fc.array(id, { maxLength: 5 }),
      excluded: fc.nat(2),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('commit' as const),
      batch: fc.nat(8),
      complete: fc.boolean(),
      good: fc.array(id, { maxLength: 3 }),
      bad: fc.array(id, { maxLength: 2 }),
    }),
  },
)

/** What a ledger ought to hold, in the plainest form there is. */
class Model {
  files = new Set<number>()
  excluded = 0
  delivered = new Set<number>()
  quarantined = new Set<number>()
  complete = new Set<number>()

  /** Takes the operation and returns true, or refuses all of it. */
  take(step: Operation): boolean {
    if (step.type === 'add') {
      if (hasTwins(step.ids) || step.ids.some((fileId) => this.files.has(fileId))) return false
      for (const fileId of step.ids) this.files.add(fileId)
      this.excluded += step.excluded
      return true
    }
    const settled = [...step.good, ...step.bad]
    const open = (fileId: number) =>
      this.files.has(fileId) && !this.delivered.has(fileId) && !this.quarantined.has(fileId)
    if (this.complete.has(step.batch) || hasTwins(settled) || !settled.every(open)) return false
    for (const fileId of step.good) this.delivered.add(fileId)
    for (const fileId of step.bad) this.quarantined.add(fileId)
    if (step.complete) this.complete.add(step.batch)
    return true
  }

  pending(): number[] {
    return [...this.files]
      .filter((id) => !this.delivered.has(id) && !this.quarantined.has(id))
      .toSorted((a, b) => a - b)
  }
}

const hasTwins = (ids: readonly number[]) => new Set(ids).size < ids.length

function followsTheModel(open: (db: DatabaseSync) => SqliteLedger) {
  return fc.property(fc.array(operation, { maxLength: 40, size: 'max' }), (steps) => {
    using db = new DatabaseSync(':memory:')
    migrate(db)
    const ledger = open(db)
    const jobId = ledger.createJob(jobSpec)
    const model = new Model()
    let link = 0
    for (const step of steps) {
      const taken = succeeds(() => {
        if (step.type === 'add') {
          const excluded = Array.from(
            { length: step.excluded },
            (): ExcludedFile => ({ path: `link${link++}`, reason: 'symlink' }),
          )
          ledger.addFiles(
            jobId,
            step.ids.map((fileId) => file(fileId)),
            excluded,
          )
        } else {
          const { batch, complete, good, bad } = step
          const deliveries = good.map((fileId) => delivery(fileId))
          ledger.commit(jobId, checkpoint(batch, { complete, deliveries, quarantined: bad.map(quarantined) }))
        }
      })
      expect(taken).toBe(model.take(step))

      const books = ledger.books(jobId)
      expect(books).toEqual({
        discovered: model.files.size + model.excluded,
        delivered: model.delivered.size,
        quarantined: model.quarantined.size,
        excluded: model.excluded,
      })
      const pending = ledger.pendingFiles(jobId, -1, FILES)
      expect(pending.map(({ fileId }) => fileId)).toEqual(model.pending())
      const balanced = books.discovered === books.delivered + books.quarantined + books.excluded
      expect(balanced).toBe(pending.length === 0)
      const delivered = ledger.results(jobId, undefined, FILES, 1e9).map(({ record }) => record)
      expect(delivered.toSorted()).toEqual([...model.delivered].map((fileId) => delivery(fileId).record).toSorted())
      expect(ledger.batches(jobId).filter(({ complete }) => complete)).toHaveLength(model.complete.size)
    }
  })
}

function succeeds(work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'LEDGER_CONFLICT' })
    return false
  }
}

it('does what the model does, and balances exactly when every file is settled', { timeout: 30_000 }, () => {
  fc.assert(
    followsTheModel((db) => new SqliteLedger(db)),
    { numRuns: 150 },
  )
})

it('would tell a ledger that writes a checkpoint piece by piece', { timeout: 30_000 }, () => {
  expect(
    fc.check(
      followsTheModel((db) => new PiecemealLedger(db)),
      { numRuns: 150, seed: 1, endOnFailure: true },
    ).failed,
  ).toBe(true)
})

it('would tell a schema that lets a file be settled in two ways', { timeout: 30_000 }, () => {
  const open = (db: DatabaseSync) => {
    db.exec('DROP TRIGGER settled_once; DROP TRIGGER settled_once_again')
    return new SqliteLedger(db)
  }
  expect(fc.check(followsTheModel(open), { numRuns: 150, seed: 1, endOnFailure: true }).failed).toBe(true)
})

it('keeps nothing of a checkpoint with a value that is none', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db)
  const ledger = new SqliteLedger(db)
  const jobId = ledger.createJob(jobSpec)
  ledger.addFiles(jobId, [file(0), file(1)], [])
  const deliveries = [delivery(0), delivery(1, Number.NaN)]
  expect(() => ledger.commit(jobId, checkpoint(0, { deliveries }))).toThrow('NOT NULL constraint failed: results.ms')
  expect(ledger.books(jobId)).toMatchObject({ delivered: 0 })
})

it('keeps the old version of the schema when a migration fails half way', () => {
  using db = new DatabaseSync(':memory:')
  migrate(db)
  expect(() => migrate(db, [...MIGRATIONS, 'CREATE TABLE extra (a); CREATE TABLE jobs (b);'])).toThrow('jobs')
  expect(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'extra'").get()).toBeUndefined()
  expect(db.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: MIGRATIONS.length })
  migrate(db, [...MIGRATIONS, 'CREATE TABLE extra (a)'])
  expect(db.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: MIGRATIONS.length + 1 })
})
