import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { MIGRATIONS } from '../../src/ledger/migrations.ts'
import { openDatabase } from '../../src/ledger/open-database.ts'
import { migrate } from '../../src/ledger/schema.ts'
import { SqliteLedger } from '../../src/ledger/sqlite-ledger.ts'
import { fails, followsTheModel, type Machine } from './follows-the-model.ts'
import { ForgetfulLedger } from './mutants/forgetful-ledger.ts'
import { PiecemealLedger } from './mutants/piecemeal-ledger.ts'
import { StampBlindLedger } from './mutants/stamp-blind-ledger.ts'
import { UnconfirmingLedger } from './mutants/unconfirming-ledger.ts'
import { UnrevisedLedger } from './mutants/unrevised-ledger.ts'
import {
  byStamp,
  checkpoint,
  chunk,
  delivery,
  foundFiles,
  jobSpec,
  memoryDatabase,
  owned,
  owner,
  temporaryFolder,
} from './samples.ts'

type Open = (db: DatabaseSync) => SqliteLedger

const on = (open: Open) => () => new SqliteMachine(open)

/** A ledger on a disk whose machine can stop at any moment. */
class SqliteMachine implements Machine {
  readonly #folder = temporaryFolder()
  readonly #open: Open
  #incarnation = 0
  #db: DatabaseSync
  #crashAt: number | undefined
  #crashed: string | undefined
  ledger: SqliteLedger

  constructor(open: Open) {
    this.#open = open
    this.#db = openDatabase(this.#stateDir(), false)
    this.ledger = this.#attach()
  }

  crash(): void {
    this.#goOnFrom(this.#snapshot())
  }

  async crashes(rows: number | undefined, work: () => Promise<unknown>): Promise<boolean> {
    this.#crashAt = rows
    this.#crashed = undefined
    await work()
    this.#crashAt = undefined
    if (this.#crashed === undefined) return false
    this.#goOnFrom(this.#crashed)
    return true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close()
    this.#folder[Symbol.dispose]()
  }

  #stateDir(): string {
    return join(this.#folder.path, String(this.#incarnation))
  }

  #attach(): SqliteLedger {
    const db = this.#db
    db.exec('PRAGMA synchronous = OFF')
    db.function('row_written', () => {
      if (this.#crashAt !== undefined && --this.#crashAt === 0) this.#crashed = this.#snapshot()
      return null
    })
    for (const table of ['files', 'exclusions', 'results', 'confirmations', 'quarantine', 'batches', 'jobs', 'trees']) {
      for (const change of ['INSERT', 'UPDATE', 'DELETE']) {
        db.exec(
          `CREATE TEMP TRIGGER ${table}_${change} AFTER ${change} ON main.${table} BEGIN SELECT row_written(); END`,
        )
      }
    }
    return this.#open(db)
  }

  #snapshot(): string {
    const copy = join(this.#folder.path, `${this.#incarnation + 1}`)
    mkdirSync(copy)
    for (const name of ['ledger.db', 'ledger.db-wal']) {
      const from = join(this.#stateDir(), name)
      if (existsSync(from)) copyFileSync(from, join(copy, name))
    }
    return copy
  }

  #goOnFrom(stateDir: string): void {
    this.#db.close()
    this.#incarnation++
    this.#db = openDatabase(stateDir, false)
    this.ledger = this.#attach()
  }
}

it('does what the model does, whenever the machine stops', { timeout: 240_000 }, async () => {
  await fc.assert(followsTheModel(on((db) => new SqliteLedger(db, owned))), { numRuns: 80 })
})

it('would tell a ledger that writes a checkpoint piece by piece', { timeout: 240_000 }, async () => {
  expect(await fails(on((db) => new PiecemealLedger(db, owned)))).toBe(true)
})

it('would tell a ledger that takes no notice of stamps', { timeout: 240_000 }, async () => {
  expect(await fails(on((db) => new StampBlindLedger(db, owned)))).toBe(true)
})

it('would tell a ledger that keeps the results of files that are gone', { timeout: 240_000 }, async () => {
  expect(await fails(on((db) => new ForgetfulLedger(db, owned)))).toBe(true)
})

it('would tell a ledger that forgets which files a job has verified', { timeout: 240_000 }, async () => {
  expect(await fails(on((db) => new UnconfirmingLedger(db, owned)))).toBe(true)
})

it('would tell a ledger whose revision takes no notice of results that go', { timeout: 240_000 }, async () => {
  expect(await fails(on((db) => new UnrevisedLedger(db, owned)))).toBe(true)
})

it('would tell a schema that lets a file be settled in two ways', { timeout: 240_000 }, async () => {
  const open = (db: DatabaseSync) => {
    db.exec('DROP TRIGGER IF EXISTS settled_once; DROP TRIGGER IF EXISTS settled_once_again')
    return new SqliteLedger(db, owned)
  }
  // A ledger whose tables are not as they should be is not opened again.
  expect(await fails(on(open), false)).toBe(true)
})

it('keeps nothing of a checkpoint with a value that is none', () => {
  using db = memoryDatabase()
  const ledger = new SqliteLedger(db, owned)
  const jobId = ledger.enqueueJob(jobSpec)
  ledger.startJob(jobId, owner, 1)
  ledger.meetFiles(jobId, chunk(foundFiles(2)), byStamp)
  const deliveries = [delivery(0), delivery(1, { ms: Number.NaN })]
  expect(() => ledger.commit(jobId, checkpoint(0, { deliveries }))).toThrow('NOT NULL constraint failed: results.ms')
  expect(ledger.books(jobId)).toMatchObject({ delivered: 0 })
})

it('keeps the old version of the schema when a migration fails half way', () => {
  using db = memoryDatabase()
  expect(() => migrate(db, [...MIGRATIONS, 'CREATE TABLE extra (a); CREATE TABLE jobs (b);'])).toThrow('jobs')
  expect(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'extra'").get()).toBeUndefined()
  expect(db.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: MIGRATIONS.length })
  migrate(db, [...MIGRATIONS, 'CREATE TABLE extra (a)'])
  expect(db.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: MIGRATIONS.length + 1 })
})
