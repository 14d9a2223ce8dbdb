import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/ledger/open-database.ts'
import { SCHEMA_VERSION } from '../../src/ledger/schema.ts'
import { sqliteFailure } from '../../src/ledger/sqlite-failure.ts'
import { SqliteLedger } from '../../src/ledger/sqlite-ledger.ts'
import { byStamp, checkpoint, chunk, delivery, foundFiles, jobSpec, owned, owner, temporaryFolder } from './samples.ts'

let folder: ReturnType<typeof temporaryFolder>
let stateDir: string
let ledgerFile: string

beforeEach(() => {
  folder = temporaryFolder()
  stateDir = join(folder.path, 'state')
  ledgerFile = join(stateDir, 'ledger.db')
})
afterEach(() => folder[Symbol.dispose]())

function fill(count = 200): string {
  using db = openDatabase(stateDir, false)
  const ledger = new SqliteLedger(db, owned)
  const jobId = ledger.enqueueJob(jobSpec)
  ledger.startJob(jobId, owner, 1)
  ledger.meetFiles(jobId, chunk(foundFiles(count)), byStamp)
  const record = JSON.stringify({ text: 'needle'.repeat(100) })
  ledger.commit(
    jobId,
    checkpoint(0, { deliveries: foundFiles(count).map((_, fileId) => ({ ...delivery(fileId), record })) }),
  )
  return jobId
}

function damage(change: (bytes: Buffer) => void): void {
  const bytes = readFileSync(ledgerFile)
  change(bytes)
  writeFileSync(ledgerFile, bytes)
}

function refusal(dir: string, readonly: boolean): unknown {
  try {
    openDatabase(dir, readonly).close()
  } catch (error) {
    return error
  }
  return undefined
}

describe('openDatabase', () => {
  it('makes a folder that is missing, and those above it', () => {
    openDatabase(join(stateDir, 'deeper'), false).close()
    expect(refusal(join(stateDir, 'deeper'), true)).toBeUndefined()
  })

  it('syncs each commit, and moves the log every 64 MB', () => {
    using db = openDatabase(stateDir, false)
    const pragma = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]
    expect(pragma('journal_mode')).toBe('wal')
    expect(pragma('synchronous')).toBe(2)
    expect(Number(pragma('wal_autocheckpoint')) * Number(pragma('page_size'))).toBe(64 * 1024 * 1024)
  })

  it('refuses a state folder that is a file', () => {
    writeFileSync(stateDir, '')
    expect(refusal(stateDir, false)).toMatchObject({
      code: 'STATE_UNWRITABLE',
      message: expect.stringContaining(stateDir),
    })
  })

  it('refuses a folder in which no file can be made', () => {
    expect(refusal('/proc', false)).toMatchObject({ code: 'STATE_UNWRITABLE', detail: { file: '/proc/ledger.db' } })
  })

  it('refuses a ledger that is a folder', () => {
    mkdirSync(ledgerFile, { recursive: true })
    expect(refusal(stateDir, false)).toMatchObject({ code: 'STATE_UNWRITABLE' })
  })

  it('reads only a ledger that is there', () => {
    const missing = { code: 'LEDGER_MISSING', message: expect.stringContaining('files run'), detail: { stateDir } }
    expect(refusal(stateDir, true)).toMatchObject(missing)
    mkdirSync(stateDir)
    writeFileSync(ledgerFile, '')
    expect(refusal(stateDir, true)).toMatchObject(missing)
  })

  it.each([false, true])('refuses a file that is no database (readonly: %s)', (readonly) => {
    mkdirSync(stateDir)
    writeFileSync(ledgerFile, 'This is a diary, and not a ledger. '.repeat(100))
    expect(refusal(stateDir, readonly)).toMatchObject({
      code: 'LEDGER_CORRUPT',
      message: expect.stringContaining(ledgerFile),
      detail: { reason: 'file is not a database' },
    })
  })

  it("refuses somebody else's database, and leaves it as it was", () => {
    mkdirSync(stateDir)
    using db = new DatabaseSync(ledgerFile)
    db.exec('CREATE TABLE diary (entry TEXT)')
    const before = readFileSync(ledgerFile)
    expect(refusal(stateDir, false)).toMatchObject({
      code: 'LEDGER_CORRUPT',
      message: expect.stringContaining('something else'),
    })
    expect(readFileSync(ledgerFile)).toEqual(before)
  })

  it.each([false, true])('refuses a ledger of a later version (readonly: %s)', (readonly) => {
    fill()
    using db = new DatabaseSync(ledgerFile)
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`)
    expect(refusal(stateDir, readonly)).toMatchObject({ code: 'LEDGER_NEWER', detail: { version: SCHEMA_VERSION + 1 } })
  })

  it('refuses a ledger cut short', () => {
    fill()
    truncateSync(ledgerFile, readFileSync(ledgerFile).length - 20_000)
    expect(refusal(stateDir, false)).toMatchObject({ code: 'LEDGER_CORRUPT' })
  })

  it('refuses a ledger with a page gone bad', () => {
    fill()
    damage((bytes) => bytes.fill(0xff, 5 * 16_384, 5 * 16_384 + 64))
    expect(refusal(stateDir, false)).toMatchObject({
      code: 'LEDGER_CORRUPT',
      message: expect.stringContaining('move it away'),
    })
  })

  it('tells a record that lost a bit from one that did not', () => {
    const jobId = fill(3)
    damage((bytes) => {
      const at = bytes.indexOf('needle')
      bytes[at] = bytes[at]! ^ 1
    })
    using db = openDatabase(stateDir, true)
    expect(() => new SqliteLedger(db, owned).results(jobId, undefined, 10, 1e9)).toThrow(
      expect.objectContaining({
        code: 'LEDGER_CORRUPT',
        detail: { jobId, path: expect.stringContaining('src/file-') },
      }),
    )
  })

  it('opens over the log that a killed run left, for reading too', () => {
    using db = openDatabase(stateDir, false)
    const jobId = new SqliteLedger(db, owned).enqueueJob(jobSpec)
    for (const suffix of ['', '-wal']) {
      mkdirSync(join(folder.path, 'copy'), { recursive: true })
      writeFileSync(join(folder.path, 'copy', `ledger.db${suffix}`), readFileSync(ledgerFile + suffix))
    }
    using copy = openDatabase(join(folder.path, 'copy'), true)
    expect(new SqliteLedger(copy, owned).job()).toMatchObject({ jobId, state: 'queued' })
  })
})

describe('sqliteFailure', () => {
  it('says so when another process holds the ledger', () => {
    mkdirSync(stateDir)
    using holder = new DatabaseSync(ledgerFile)
    using other = new DatabaseSync(ledgerFile, { timeout: 0 })
    holder.exec('BEGIN EXCLUSIVE')
    expect(failureOf(() => other.exec('BEGIN IMMEDIATE'))).toMatchObject({ code: 'LEDGER_BUSY' })
  })

  it('says so when there is no room, keeps nothing of the call, and takes the same call when there is', () => {
    using db = openDatabase(stateDir, false)
    const ledger = new SqliteLedger(db, owned)
    const jobId = ledger.enqueueJob(jobSpec)
    ledger.startJob(jobId, owner, 1)
    ledger.meetFiles(jobId, chunk(foundFiles(2)), byStamp)
    const large = { ...delivery(0), record: JSON.stringify('x'.repeat(1_000_000)) }
    const calls = [
      () => ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(1), large] })),
      () => ledger.meetFiles(jobId, chunk(foundFiles(2000, 2)), byStamp),
    ]
    for (const call of calls) {
      const before = [ledger.books(jobId), ledger.batches(jobId), ledger.pendingFiles(jobId, -1, 9999)]
      db.exec('PRAGMA max_page_count = 1')
      for (const _ of [1, 2]) {
        expect(failureOf(call)).toMatchObject({
          code: 'LEDGER_WRITE_FAILED',
          detail: { reason: 'database or disk is full' },
        })
        expect([ledger.books(jobId), ledger.batches(jobId), ledger.pendingFiles(jobId, -1, 9999)]).toEqual(before)
      }
      db.exec('PRAGMA max_page_count = 1000000')
      call()
    }
    expect(ledger.books(jobId)).toEqual({ discovered: 2002, delivered: 2, quarantined: 0, excluded: 0 })
  })

  it('leaves what is no failure of the store as it is', () => {
    const bug = new TypeError('a bug')
    expect(sqliteFailure(bug, ledgerFile)).toBe(bug)
    using db = new DatabaseSync(':memory:')
    expect(failureOf(() => db.exec('SELEC'))).not.toHaveProperty('detail')
  })

  function failureOf(work: () => void): unknown {
    try {
      work()
    } catch (error) {
      return sqliteFailure(error, ledgerFile)
    }
    return undefined
  }
})
