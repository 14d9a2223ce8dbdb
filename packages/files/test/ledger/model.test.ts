import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Books, MeetOptions, Reuse } from '../../src/ledger/ledger.ts'
import { MIGRATIONS } from '../../src/ledger/migrations.ts'
import { openDatabase } from '../../src/ledger/open-database.ts'
import { migrate } from '../../src/ledger/schema.ts'
import { SqliteLedger } from '../../src/ledger/sqlite-ledger.ts'
import { LedgerModel, nextPaths, type OnDisk, recordOf, type Settlement, stretchOf } from './ledger-model.ts'
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
  hashOf,
  jobSpec,
  memoryDatabase,
  owned,
  owner,
  temporaryFolder,
} from './samples.ts'

type Open = (db: DatabaseSync) => SqliteLedger

type Call =
  | { readonly type: 'enqueue' }
  | { readonly type: 'start' | 'endDiscovery' | 'reopen'; readonly job: number }
  | { readonly type: 'finish'; readonly job: number; readonly state: 'done' | 'interrupted' }
  | { readonly type: 'meet'; readonly job: number; readonly count: number; readonly options: MeetOptions }
  | {
      readonly type: 'commit'
      readonly job: number
      readonly batch: number
      readonly complete: boolean
      readonly settlements: readonly Settlement[]
    }

type Step =
  | { readonly type: 'edit' | 'touch' | 'remove' | 'exclude'; readonly path: string }
  | { readonly type: 'upgrade' }
  | { readonly type: 'crash' }
  /** With `crashAt`, the machine stops when the call has written so many rows. */
  | { readonly type: 'call'; readonly call: Call; readonly crashAt: number | undefined }

const PATHS = ['a', 'b', 'c/d', 'c/e', 'f', 'g']
/** How far back a step reaches among the jobs: mostly it is about the newest. */
const job = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) })
const options = fc.record({
  reuse: fc.constantFrom<Reuse>('stamp', 'stamp', 'hash', 'hash', 'none'),
  retryQuarantined: fc.boolean(),
})
const settlement = fc.record({
  fileId: fc.nat(9),
  as: fc.constantFrom('read' as const, 'read' as const, 'quarantined' as const),
  fresh: fc.boolean(),
})
const is = <T extends string>(type: T) => fc.constant(type)
const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ type: is('enqueue') }),
  { weight: 3, arbitrary: fc.record({ type: is('start'), job }) },
  { weight: 6, arbitrary: fc.record({ type: is('meet'), job, count: fc.nat(PATHS.length), options }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: is('commit'),
      job,
      batch: fc.nat(9),
      complete: fc.boolean(),
      settlements: fc.array(settlement, { maxLength: 4 }),
    }),
  },
  fc.record({ type: is('endDiscovery'), job }),
  fc.record({ type: is('reopen'), job }),
  fc.record({ type: is('finish'), job, state: fc.constantFrom('done' as const, 'interrupted' as const) }),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom('edit' as const, 'edit' as const, 'touch' as const, 'remove' as const, 'exclude' as const),
      path: fc.constantFrom(...PATHS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: is('upgrade') }) },
  { weight: 1, arbitrary: fc.record({ type: is('crash') }) },
  {
    weight: 12,
    arbitrary: fc.record({
      type: is('call'),
      call,
      crashAt: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 3 }),
    }),
  },
)

const calls = (...all: readonly Call[]) => all.map((call): Step => ({ type: 'call', call, crashAt: undefined }))
const readAll = [0, 1, 2, 3].map((fileId): Settlement => ({ fileId, as: 'read', fresh: false }))

/** Mostly a walk begins where a first job has delivered some of the tree, for there is more to get wrong from there on. */
const BEGUN: readonly Step[] = [
  ...PATHS.map((path): Step => ({ type: 'edit', path })),
  ...calls(
    { type: 'enqueue' },
    { type: 'start', job: 0 },
    { type: 'meet', job: 0, count: PATHS.length, options: byStamp },
    { type: 'commit', job: 0, batch: 0, complete: false, settlements: readAll },
  ),
]
/** … or where a second one has begun to verify it. */
const VERIFYING: readonly Step[] = [
  ...BEGUN,
  ...calls(
    { type: 'enqueue' },
    { type: 'start', job: 0 },
    { type: 'meet', job: 0, count: PATHS.length, options: { reuse: 'hash', retryQuarantined: false } },
  ),
]
/** … or goes on with that after a crash. */
const VERIFYING_AGAIN: readonly Step[] = [
  ...VERIFYING,
  ...calls({ type: 'commit', job: 0, batch: 0, complete: false, settlements: readAll.slice(1, 3) }),
  { type: 'crash' },
  ...calls({ type: 'start', job: 0 }),
]
const walk = fc
  .tuple(
    fc.constantFrom<readonly Step[]>(BEGUN, VERIFYING, VERIFYING_AGAIN, []),
    fc.array(step, { maxLength: 40, size: 'max' }),
  )
  .map(([begun, steps]) => [...begun, ...steps])

/** A ledger on a disk whose machine can stop at any moment. */
class Machine {
  readonly #folder: string
  readonly #open: Open
  #incarnation = 0
  #db: DatabaseSync
  #crashAt: number | undefined
  #crashed: string | undefined
  ledger: SqliteLedger

  constructor(folder: string, open: Open) {
    this.#folder = folder
    this.#open = open
    this.#db = openDatabase(this.#stateDir(), false)
    this.ledger = this.#attach()
  }

  /** What the ledger is when the machine runs again, having stopped now. */
  crash(): void {
    this.#goOnFrom(this.#snapshot())
  }

  /** Does the work, and says whether the machine stopped in it when `rows` were written. */
  crashes(rows: number | undefined, work: () => void): boolean {
    this.#crashAt = rows
    this.#crashed = undefined
    work()
    this.#crashAt = undefined
    if (this.#crashed === undefined) return false
    this.#goOnFrom(this.#crashed)
    return true
  }

  close(): void {
    this.#db.close()
  }

  #stateDir(): string {
    return join(this.#folder, String(this.#incarnation))
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
    const copy = join(this.#folder, `${this.#incarnation + 1}`)
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

function followsTheModel(open: Open, mayCrash = true) {
  return fc.property(walk, (steps) => {
    using folder = temporaryFolder()
    const machine = new Machine(folder.path, open)
    const disk = new Map<string, OnDisk>()
    const resultsAt = new Map<number, string>()
    let model = new LedgerModel()
    let changes = 0
    let version = 1
    const jobIdOf = (number: number) => `20261121-${String(number + 1).padStart(3, '0')}`

    const onModel = (call: Call): unknown => {
      if (call.type === 'enqueue') return model.enqueue()
      const job = Math.max(0, model.jobs.length - 1 - call.job)
      switch (call.type) {
        case 'start':
          return model.start(job)
        case 'finish':
          return model.finish(job, call.state)
        case 'meet':
          return model.meet(job, disk, call.count, version, call.options)
        case 'endDiscovery':
          return model.endDiscovery(job)
        case 'reopen':
          return model.reopenQuarantined(job)
        case 'commit':
          return model.commit(job, checkpointFor(call), version)
      }
    }
    const checkpointFor = ({ batch, complete, settlements }: Call & { type: 'commit' }) =>
      model.checkpointOf(batch, complete, settlements, disk, version)

    const onLedger = (call: Call): unknown => {
      const { ledger } = machine
      if (call.type === 'enqueue') {
        ledger.enqueueJob({ ...jobSpec, processors: [`syntax@${version}`] })
        return undefined
      }
      const job = Math.max(0, model.jobs.length - 1 - call.job)
      const jobId = jobIdOf(job)
      switch (call.type) {
        case 'start':
          return ledger.startJob(jobId, owner, 1).firstBatchId
        case 'finish':
          return ledger.finishJob(jobId, { state: call.state, finishedMs: 1, summary: '{}' })
        case 'meet': {
          const paths = nextPaths(disk, model.metUpTo.get(job) ?? '', call.count)
          const met = ledger.meetFiles(jobId, stretchOf(disk, paths, version), call.options)
          const { pending, reopened, unchanged, stillQuarantined, removed } = met
          return { pending: pending.map(({ fileId }) => fileId), reopened, unchanged, stillQuarantined, removed }
        }
        case 'endDiscovery':
          return ledger.endDiscovery(jobId)
        case 'reopen':
          return ledger.reopenQuarantined(jobId).map(({ fileId }) => fileId)
        case 'commit':
          return ledger.commit(jobId, checkpointFor(call))
      }
    }

    const check = () => {
      const { ledger } = machine
      for (const [number, { state, starts, batches, books }] of model.jobs.entries()) {
        const jobId = jobIdOf(number)
        const superseded = starts > 0 && number !== model.current
        expect(ledger.job(jobId)).toMatchObject({
          state,
          starts,
          supersededBy: superseded ? jobIdOf(model.current) : null,
        })
        const none: Books = { discovered: 0, delivered: 0, quarantined: 0, excluded: 0 }
        expect(ledger.books(jobId)).toEqual(starts === 0 ? none : superseded ? books : model.count())
        expect(
          ledger
            .batches(jobId)
            .map(({ batchId, complete, delivered, quarantined }) => [batchId, { complete, delivered, quarantined }]),
        ).toEqual([...batches].sort(([a], [b]) => a - b))
      }
      if (model.current < 0) return
      const jobId = jobIdOf(model.current)
      const files = [...model.files].sort(([a], [b]) => (a < b ? -1 : 1))
      const results = ledger.results(jobId, undefined, 100, 1e9)
      expect(results).toEqual(
        files
          .filter(([, { result }]) => result !== undefined)
          .map(([path, { result }]) => ({ path, hash: hashOf(result!.contents), record: recordOf(path, result!) })),
      )
      expect(
        ledger.pendingFiles(jobId, -1, 100).map(({ fileId, path, knownHash }) => [fileId, path, knownHash]),
      ).toEqual(
        files
          .filter(([, { state }]) => state === 'pending')
          .map(([path, { id, kept }]) => [id, path, kept === undefined ? null : hashOf(kept.contents)])
          .sort(([a], [b]) => Number(a) - Number(b)),
      )
      expect(ledger.quarantine(jobId).map(({ path }) => path)).toEqual(
        files.filter(([, { state }]) => state === 'quarantined').map(([path]) => path),
      )
      const revision = ledger.revision(jobId)
      // A result whose file is read again counts as there until it is known that it is void.
      const text = files.flatMap(([path, { result, kept = result }]) => (kept ? recordOf(path, kept) : [])).join('\n')
      expect(resultsAt.get(revision) ?? text).toBe(text)
      resultsAt.set(revision, text)
    }

    /** Does the call on both sides, and compares what they say. */
    const both = (call: Call, crashAt?: number) => {
      if (call.type !== 'enqueue' && model.jobs.length === 0) return
      const before = model.copy()
      let said: unknown
      const crashed = machine.crashes(crashAt, () => {
        said = outcomeOf(() => onLedger(call))
      })
      if (crashed) {
        model = before
        model.forget()
        // Numbers told after the crash point were never heard of.
        resultsAt.clear()
      } else {
        const expected = outcomeOf(() => onModel(call))
        if (typeof expected === 'object' && expected !== null && 'code' in expected) model = before
        expect(said).toEqual(expected)
      }
    }

    try {
      for (const step of steps) {
        if (step.type === 'upgrade') version++
        else if (step.type === 'crash') {
          if (!mayCrash) continue
          machine.crash()
          model.forget()
        } else if (step.type === 'call') both(step.call, mayCrash ? step.crashAt : undefined)
        else if (step.type === 'remove') disk.delete(step.path)
        else {
          const { contents = 0 } = disk.get(step.path) ?? {}
          const stamp = String(++changes)
          const excluded = step.type === 'exclude'
          disk.set(step.path, { contents: step.type === 'edit' ? changes : contents, stamp, excluded })
        }
        check()
      }

      // Whatever happened, the next job over the tree makes exactly what a first one would.
      const sequence: Call[] = [
        { type: 'enqueue' },
        { type: 'start', job: 0 },
        { type: 'meet', job: 0, count: PATHS.length, options: { reuse: 'stamp', retryQuarantined: true } },
        { type: 'endDiscovery', job: 0 },
      ]
      for (const call of sequence) both(call)
      const last = jobIdOf(model.jobs.length - 1)
      const settlements = machine.ledger
        .pendingFiles(last, -1, 100)
        .map(({ fileId }): Settlement => ({ fileId, as: 'read', fresh: false }))
      both({ type: 'commit', job: 0, batch: 0, complete: true, settlements })
      check()
      const afresh = [...disk]
        .filter(([, { excluded }]) => !excluded)
        .map(([path, { contents }]) => recordOf(path, { contents, version }))
        .sort()
      expect(
        machine.ledger
          .results(last, undefined, 100, 1e9)
          .map(({ record }) => record)
          .sort(),
      ).toEqual(afresh)
    } finally {
      machine.close()
    }
  })
}

function outcomeOf(work: () => unknown): unknown {
  try {
    return work() ?? null
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { code: error.code }
    throw error
  }
}

/** Whether the property tells such a ledger, by an assertion and not by breaking down itself. */
function fails(open: Open, mayCrash = true): boolean {
  const { failed, errorInstance } = fc.check(followsTheModel(open, mayCrash), {
    numRuns: 120,
    seed: 1,
    endOnFailure: true,
  })
  if (failed) expect(errorInstance).toHaveProperty('name', 'AssertionError')
  return failed
}

it('does what the model does, whenever the machine stops', { timeout: 120_000 }, () => {
  fc.assert(
    followsTheModel((db) => new SqliteLedger(db, owned)),
    { numRuns: 80 },
  )
})

it('would tell a ledger that writes a checkpoint piece by piece', { timeout: 60_000 }, () => {
  expect(fails((db) => new PiecemealLedger(db, owned))).toBe(true)
})

it('would tell a ledger that takes no notice of stamps', { timeout: 60_000 }, () => {
  expect(fails((db) => new StampBlindLedger(db, owned))).toBe(true)
})

it('would tell a ledger that keeps the results of files that are gone', { timeout: 60_000 }, () => {
  expect(fails((db) => new ForgetfulLedger(db, owned))).toBe(true)
})

it('would tell a ledger that forgets which files a job has verified', { timeout: 60_000 }, () => {
  expect(fails((db) => new UnconfirmingLedger(db, owned))).toBe(true)
})

it('would tell a ledger whose revision takes no notice of results that go', { timeout: 60_000 }, () => {
  expect(fails((db) => new UnrevisedLedger(db, owned))).toBe(true)
})

it('would tell a schema that lets a file be settled in two ways', { timeout: 60_000 }, () => {
  const open = (db: DatabaseSync) => {
    db.exec('DROP TRIGGER IF EXISTS settled_once; DROP TRIGGER IF EXISTS settled_once_again')
    return new SqliteLedger(db, owned)
  }
  // A ledger whose tables are not as they should be is not opened again.
  expect(fails(open, false)).toBe(true)
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
