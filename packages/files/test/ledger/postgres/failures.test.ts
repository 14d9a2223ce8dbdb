import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { inspect } from 'node:util'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exhaustedLedger } from '../../../src/dispatch/exhaustion.ts'
import type { Met } from '../../../src/ledger/ledger.ts'
import { LedgerDatabase } from '../../../src/ledger/postgres/ledger-database.ts'
import { migrate, versionOf } from '../../../src/ledger/postgres/migrate.ts'
import { MIGRATIONS } from '../../../src/ledger/postgres/migrations.ts'
import { openPostgresLedger } from '../../../src/ledger/postgres/open-postgres-ledger.ts'
import type { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts'
import type { PostgresLedgerOptions } from '../../../src/ledger/postgres/postgres-options.ts'
import { lockOf, quoteName } from '../../../src/ledger/postgres/tables.ts'
import { checkpointIsIn, unsettledFiles, writeCheckpoint } from '../../../src/ledger/postgres/write-checkpoint.ts'
import { byStamp, checkpoint, chunk, delivery, found, foundFiles, jobSpec, owner, quarantined } from '../samples.ts'
import { knowsNoToken } from './mutants/forgets-tokens.ts'
import { writesOfAnyEpoch } from './mutants/no-epoch.ts'
import { openTap } from './tap.ts'

let server: TestPostgres
let admin: Client

const connectAdmin = async () => {
  admin = new Client(server.url)
  admin.on('error', () => {})
  await admin.connect()
}
beforeAll(async () => {
  server = await startPostgres({ settings: { fsync: 'off' } })
  await connectAdmin()
})
afterAll(async () => {
  await admin?.end().catch(() => {})
  await server?.stop()
})

const newSchema = () => `files_${randomUUID()}`
const open = (schema: string, options: Partial<PostgresLedgerOptions> = {}) =>
  openPostgresLedger({ url: server.url, schema, ...options })

/** An owned ledger with a started job of as many files. */
async function working(schema: string, files = 4, options: Partial<PostgresLedgerOptions> = {}) {
  const ledger = await open(schema, options)
  await ledger.tryOwn()
  const jobId = await ledger.enqueueJob(jobSpec)
  await ledger.startJob(jobId, owner, 1)
  await ledger.meetFiles(jobId, chunk(foundFiles(files)), byStamp)
  return { ledger, jobId }
}

/** What a call rejects with: an error of ours, in which no password is to be found. */
async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toHaveProperty('name', 'MillraceError')
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(server.password)
  expect(JSON.stringify(error)).not.toContain(server.password)
  return error as Error & { code: string; detail: Record<string, unknown> }
}

const endSession = (schema: string) =>
  admin.query(`SELECT pg_terminate_backend(session_pid, 5000) FROM ${quoteName(schema)}.ledger`)

describe('a ledger that cannot be opened', () => {
  const url = (parts: { user?: string; password?: string; host?: string; port?: number; database?: string }) => {
    const whole = new URL(server.url)
    if (parts.user !== undefined) whole.username = parts.user
    if (parts.password !== undefined) whole.password = parts.password
    if (parts.host !== undefined) whole.hostname = parts.host
    if (parts.port !== undefined) whole.port = String(parts.port)
    if (parts.database !== undefined) whole.pathname = `/${parts.database}`
    return whole.href
  }

  it.each([
    ['where nobody listens', { port: 1 }, 'LEDGER_UNREACHABLE', 'ECONNREFUSED'],
    ['on a host of no name', { host: 'no-such-host.invalid' }, 'LEDGER_UNREACHABLE', 'no-such-host.invalid'],
    ['with a wrong password', { password: 'wrong-pass-phrase' }, 'LEDGER_REFUSED', 'password authentication failed'],
    ['for a user that is none', { user: 'nobody' }, 'LEDGER_REFUSED', 'nobody'],
    ['in a database that is not there', { database: 'nowhere' }, 'LEDGER_REFUSED', 'nowhere'],
  ] as const)('%s', async (_, parts, code, says) => {
    const error = await refusal(openPostgresLedger({ url: url(parts) }))
    expect(error).toMatchObject({ code })
    expect(error.message).toContain(says)
    expect(inspect(error, { depth: 9 })).not.toContain('wrong-pass-phrase')
  })

  it('where somebody listens who is no PostgreSQL, within the time for connecting', async () => {
    await using tap = await openTap(server.port)
    tap.withholdAfter('')
    const error = await refusal(openPostgresLedger({ url: url({ port: tap.port }), connectTimeoutMs: 200 }))
    expect(error).toMatchObject({ code: 'LEDGER_UNREACHABLE' })
  })

  it.each<[string, PostgresLedgerOptions]>([
    ['with neither url nor connection', {}],
    ['with a url of something else', { url: 'mysql://user:pass-phrase-of-the-test@host/db' }],
    ['with a url that is none', { url: 'postgres://user:pass-phrase-of-the-test@host:port:7/db' }],
    ['with a schema without a name', { url: 'postgres://host/db', schema: '' }],
    ['with connections that are none', { url: 'postgres://host/db', connections: 0 }],
  ])('%s', async (_, options) => {
    expect(await refusal(openPostgresLedger(options))).toMatchObject({ code: 'OPTION_INVALID' })
  })

  it('where there is none yet, to be read', async () => {
    expect(await refusal(open(newSchema(), { readonly: true }))).toMatchObject({ code: 'LEDGER_MISSING' })
  })

  it('when the server has no connection to spare', async () => {
    await admin.query(`CREATE ROLE crowded LOGIN PASSWORD '${server.password}' CONNECTION LIMIT 0`)
    const error = await refusal(openPostgresLedger({ url: url({ user: 'crowded' }) }))
    expect(error).toMatchObject({ code: 'LEDGER_UNREACHABLE', detail: { sqlState: '53300' } })
    expect(exhaustedLedger(error)).toContain('no connection to spare')
  })

  it('by a user without the right to make it', async () => {
    await admin.query(`CREATE ROLE guest LOGIN PASSWORD '${server.password}'`)
    const error = await refusal(openPostgresLedger({ url: url({ user: 'guest' }), schema: newSchema() }))
    expect(error).toMatchObject({ code: 'LEDGER_REFUSED', detail: { sqlState: '42501' } })
  })

  it('where the database takes no changes; one that is there can be read', async () => {
    const schema = newSchema()
    const { ledger, jobId } = await working(schema)
    await ledger.close()
    const connection = { connectionString: server.url, options: '-c default_transaction_read_only=on' }
    expect(await refusal(openPostgresLedger({ connection, schema: newSchema() }))).toMatchObject({
      code: 'LEDGER_READ_ONLY',
    })
    await using there = await openPostgresLedger({ connection, schema })
    expect(await refusal(there.tryOwn())).toMatchObject({ code: 'LEDGER_READ_ONLY' })
    expect(await there.books(jobId)).toMatchObject({ discovered: 4 })
    await using reading = await openPostgresLedger({ connection, schema, readonly: true })
    expect(await reading.job()).toMatchObject({ jobId })
    expect(await refusal(reading.tryOwn())).toMatchObject({ code: 'LEDGER_NOT_OWNED' })
  })
})

describe('the tables', () => {
  it('of a newer version are left alone', async () => {
    const schema = newSchema()
    await (await open(schema)).close()
    await admin.query(`UPDATE ${quoteName(schema)}.ledger SET version = 99`)
    for (const readonly of [false, true]) {
      expect(await refusal(open(schema, { readonly }))).toMatchObject({
        code: 'LEDGER_NEWER',
        detail: { version: 99, known: MIGRATIONS.length },
      })
    }
  })

  it('of an earlier version are brought to this one, but not under one who works with them', async () => {
    const schema = newSchema()
    const { ledger, jobId } = await working(schema)
    await ledger.close()
    const next = [...MIGRATIONS, (name: string) => [`CREATE TABLE ${quoteName(name)}.extra (a int4)`]]
    await admin.query(`SELECT pg_advisory_lock(${lockOf('owner', schema)})`)
    const other = new Client(server.url)
    await other.connect()
    try {
      expect(await refusal(migrate(other, schema, 'here', next))).toMatchObject({ code: 'LEDGER_BUSY' })
      expect(await versionOf(other, schema)).toBe(MIGRATIONS.length)
      await admin.query(`SELECT pg_advisory_unlock(${lockOf('owner', schema)})`)
      const failing = [...next, () => ['CREATE TABLE no_such_schema.extra (a int4)']]
      await expect(migrate(other, schema, 'here', failing)).rejects.toThrow('no_such_schema')
      expect(await versionOf(other, schema)).toBe(MIGRATIONS.length)
      await migrate(other, schema, 'here', next)
      expect(await versionOf(other, schema)).toBe(MIGRATIONS.length + 1)
      const { rows } = await other.query(`SELECT job_id FROM ${quoteName(schema)}.jobs`)
      expect(rows).toEqual([{ job_id: jobId }])
    } finally {
      await other.end()
    }
  })

  it('are made once by many who open at once', async () => {
    const schema = newSchema()
    const ledgers = await Promise.all(Array.from({ length: 5 }, () => open(schema)))
    expect(await Promise.all(ledgers.map((ledger) => ledger.jobs()))).toEqual([[], [], [], [], []])
    const ids = await Promise.all(ledgers.map((ledger) => ledger.enqueueJob(jobSpec)))
    expect(new Set(ids).size).toBe(5)
    await Promise.all(ledgers.map((ledger) => ledger.close()))
  })

  it('that somebody has dropped are told', async () => {
    const schema = newSchema()
    await using ledger = await open(schema)
    await admin.query(`DROP TABLE ${quoteName(schema)}.learned`)
    expect(await refusal(ledger.recall('costs'))).toMatchObject({ code: 'LEDGER_CORRUPT' })
    expect(await ledger.jobs()).toEqual([])
  })
})

describe('two coordinators', () => {
  it('are one too many: the second is told who the first is', async () => {
    const schema = newSchema()
    const { ledger } = await working(schema)
    await using second = await open(schema)
    expect(await second.tryOwn()).toBe(false)
    expect(await second.owner()).toEqual({ epoch: 1, pid: process.pid, host: hostname(), sinceMs: expect.any(Number) })
    await ledger.close()
    expect(await second.owner()).toBeUndefined()
    expect(await second.tryOwn()).toBe(true)
    expect(second.epoch).toBe(2)
  })

  it('cannot both write: who was taken over from while it had no connection is refused for good', async () => {
    const schema = newSchema()
    const { ledger: first, jobId } = await working(schema)
    await using second = await open(schema)
    await endSession(schema)
    expect(await second.tryOwn()).toBe(true)
    for (const call of [
      () => first.commit(jobId, checkpoint(0, { deliveries: [delivery(0)] })),
      () => first.meetFiles(jobId, chunk([]), byStamp),
      () => first.finishJob(jobId, { state: 'done', finishedMs: 1, summary: '{}' }),
    ]) {
      expect(await refusal(call())).toMatchObject({ code: 'COORDINATOR_REPLACED', detail: { pid: process.pid } })
    }
    expect(await first.books(jobId)).toMatchObject({ delivered: 0 })
    await second.startJob(jobId, owner, 2)
    await second.commit(jobId, checkpoint(0, { deliveries: [delivery(0)] }))
    await first.close()
    expect(await second.books(jobId)).toMatchObject({ delivered: 1 })
  })
})

describe('a worker', () => {
  const late = async (alter: (schema: string) => string | undefined) => {
    const schema = newSchema()
    await using database = await LedgerDatabase.open({ url: server.url, schema })
    const { ledger, jobId } = await working(schema)
    const statement = alter(schema)
    if (statement !== undefined) await admin.query(statement)
    const target = { tables: database.tables, jobId, epoch: ledger.epoch!, token: randomUUID() }
    await ledger.close()
    await using next = await open(schema)
    await next.tryOwn()
    await next.startJob(jobId, owner, 2)
    return await database.transaction((sql) =>
      writeCheckpoint(sql, target, checkpoint(0, { deliveries: [delivery(0)] })),
    )
  }

  it('that comes late with the work of an earlier start is refused', async () => {
    expect(await refusal(late(() => undefined))).toMatchObject({ code: 'JOB_NOT_STARTED' })
  })

  it('would not be without the epoch', async () => {
    expect(await late(writesOfAnyEpoch)).toEqual([])
  })

  it('commits within a transaction of its own, and nothing where that is undone', async () => {
    const schema = newSchema()
    await using database = await LedgerDatabase.open({ url: server.url, schema })
    const { ledger, jobId } = await working(schema)
    const target = { tables: database.tables, jobId, epoch: ledger.epoch!, token: randomUUID() }
    const parts = { deliveries: [delivery(0)], quarantined: [quarantined(2)] }
    const undone = database.transaction(async (sql) => {
      await writeCheckpoint(sql, target, checkpoint(0, parts))
      throw new Error('no')
    })
    await expect(undone).rejects.toThrow('no')
    expect(await checkpointIsIn(database.pool, target, 0)).toBe(false)
    const write = () => database.transaction((sql) => writeCheckpoint(sql, target, checkpoint(0, parts)))
    expect(await write()).toEqual([])
    expect(await checkpointIsIn(database.pool, target, 0)).toBe(true)
    expect(await write()).toEqual([])
    expect(await unsettledFiles(database.pool, target, [3, 2, 1, 0, 99])).toEqual([1, 3])
    expect(await ledger.books(jobId)).toMatchObject({ delivered: 1, quarantined: 1 })
    expect(await ledger.batches(jobId)).toMatchObject([{ checkpoints: 1 }])
    const again = { ...target, token: randomUUID() }
    const twice = database.transaction((sql) => writeCheckpoint(sql, again, checkpoint(1, parts)))
    expect(await refusal(twice)).toMatchObject({ code: 'LEDGER_CONFLICT', detail: { fileId: 0, state: 'delivered' } })
    await ledger.close()
  })
})

describe('a connection that is lost', () => {
  it('is made again, and the ledger stays owned', async () => {
    const schema = newSchema()
    const { ledger, jobId } = await working(schema)
    await endSession(schema)
    expect(await ledger.books(jobId)).toMatchObject({ discovered: 4 })
    await endSession(schema)
    await ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)] })).catch(async (error) => {
      expect(error).toMatchObject({ code: 'LEDGER_UNREACHABLE' })
      await ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)] }))
    })
    await using other = await open(schema)
    expect(await other.tryOwn()).toBe(false)
    expect(await ledger.books(jobId)).toMatchObject({ delivered: 1 })
    expect(ledger.epoch).toBe(1)
    await ledger.close()
  })

  /** Commits while the answer is withheld, and calls again. */
  const lostAnswer = async (alter: (schema: string) => string | undefined, work: LostWork) => {
    const schema = newSchema()
    await using tap = await openTap(server.port)
    const url = new URL(server.url)
    url.port = String(tap.port)
    const { ledger, jobId } = await working(schema, 4, { url: url.href })
    await work.before?.(ledger, jobId)
    const statement = alter(schema)
    if (statement !== undefined) await admin.query(statement)
    tap.withholdAfter(work.sends)
    const first = refusal(work.call(ledger, jobId))
    const isIn = async () => (await admin.query(work.isIn(quoteName(schema)))).rowCount! > 0
    for (let look = 0; look < 3000 && !(await isIn()); look++) await new Promise((resolve) => setTimeout(resolve, 10))
    tap.cut()
    expect(await first).toMatchObject({ code: 'LEDGER_UNREACHABLE' })
    expect(exhaustedLedger(await first)).toContain('does not answer')
    const said = await work.call(ledger, jobId).finally(() => ledger.close())
    return { said, jobId, schema }
  }
  interface LostWork {
    readonly before?: (ledger: PostgresLedger, jobId: string) => Promise<unknown>
    readonly call: (ledger: PostgresLedger, jobId: string) => Promise<unknown>
    readonly sends: string
    readonly isIn: (schema: string) => string
  }
  const commit: LostWork = {
    call: (ledger, jobId) => ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)] })),
    sends: 'write_checkpoint',
    isIn: (s) => `SELECT FROM ${s}.batches`,
  }

  it('after a commit was sent may be followed by the same commit, which is there once', async () => {
    const { said, jobId, schema } = await lostAnswer(() => undefined, commit)
    expect(said).toEqual([])
    await using ledger = await open(schema)
    expect(await ledger.books(jobId)).toMatchObject({ delivered: 1 })
    expect(await ledger.batches(jobId)).toMatchObject([{ checkpoints: 1, delivered: 1 }])
  })

  it('would make trouble if a commit were not known again', async () => {
    expect(await refusal(lostAnswer(knowsNoToken, commit))).toMatchObject({ code: 'LEDGER_CONFLICT' })
  })

  it('after a stretch was sent may be followed by the same stretch, with the same answer', async () => {
    const { said } = await lostAnswer(() => undefined, {
      before: async (ledger, jobId) => {
        await ledger.commit(
          jobId,
          checkpoint(0, { deliveries: [delivery(0), delivery(1)], quarantined: [quarantined(2)] }),
        )
        await ledger.startJob(jobId, owner, 2)
      },
      call: (ledger, jobId) => {
        const changed = [found(1, { stamp: 'other' }), found(2, { size: 1 }), found(3), found(4), found(5)]
        return ledger.meetFiles(jobId, chunk(changed), byStamp)
      },
      sends: 'meetStretch',
      isIn: (s) => `SELECT FROM ${s}.files WHERE file_id = 5`,
    })
    expect(said).toMatchObject({ reopened: [1, 2], removed: 1, unchanged: 0 })
    expect((said as Met).pending.map(({ fileId, knownHash }) => [fileId, knownHash])).toEqual([
      [1, delivery(1).hash],
      [2, null],
      [3, null],
      [4, null],
      [5, null],
    ])
  })

  it('is given up where the server does not answer in time', async () => {
    const schema = newSchema()
    const { ledger, jobId } = await working(schema, 4, { answerTimeoutMs: 1500 })
    await admin.query(`BEGIN; LOCK TABLE ${quoteName(schema)}.batches`)
    try {
      const commit = ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)] }))
      expect(await refusal(commit)).toMatchObject({ code: 'LEDGER_UNREACHABLE' })
    } finally {
      await admin.query('ROLLBACK')
    }
    expect(await ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)] }))).toEqual([])
    expect(await ledger.batches(jobId)).toMatchObject([{ checkpoints: 1 }])
    await ledger.close()
  })
})

it('says of a path that is too long for a key which one it is, and keeps nothing of the stretch', async () => {
  const { ledger, jobId } = await working(newSchema(), 0)
  // One that does not pack: PostgreSQL packs keys.
  const path = `z/${Array.from({ length: 90 }, () => randomUUID()).join('')}`
  const error = await refusal(ledger.meetFiles(jobId, chunk([...foundFiles(2), found(2, { path })]), byStamp))
  expect(error).toMatchObject({ code: 'LEDGER_PATH_TOO_LONG', detail: { path } })
  expect(error.message).toContain(path.slice(0, 30))
  expect(error.message.length).toBeLessThan(500)
  expect((await ledger.meetFiles(jobId, chunk(foundFiles(2)), byStamp)).pending).toHaveLength(2)
  await ledger.close()
})

describe('a server', () => {
  it('whose disk is full is waited for, and nothing of the checkpoint is there', async () => {
    const schema = newSchema()
    const s = quoteName(schema)
    const { ledger, jobId } = await working(schema)
    // As PostgreSQL says it; the disk is not.
    await admin.query(`CREATE FUNCTION ${s}.full_disk() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON ${s}.results FOR EACH ROW EXECUTE FUNCTION ${s}.full_disk()`)
    const parts = { deliveries: [delivery(0)] }
    const error = await refusal(ledger.commit(jobId, checkpoint(0, parts)))
    expect(error).toMatchObject({ code: 'LEDGER_WRITE_FAILED', detail: { sqlState: '53100' } })
    expect(exhaustedLedger(error)).toContain('The disk of PostgreSQL is full')
    expect(await ledger.batches(jobId)).toEqual([])
    await admin.query(`DROP TRIGGER full_disk ON ${s}.results`)
    await ledger.commit(jobId, checkpoint(0, parts))
    await ledger.close()
  })

  it('that is restarted, or killed and recovers, is gone on with', { timeout: 240_000 }, async () => {
    const schema = newSchema()
    const { ledger, jobId } = await working(schema)
    await ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0)] }))
    await server.restart()
    expect(await ledger.books(jobId)).toMatchObject({ delivered: 1 })
    await ledger.commit(jobId, checkpoint(1, { deliveries: [delivery(1)] }))
    await server.kill()
    const error = await refusal(ledger.commit(jobId, checkpoint(2, { deliveries: [delivery(2)] })))
    expect(error).toMatchObject({ code: 'LEDGER_UNREACHABLE' })
    expect(exhaustedLedger(error)).toContain('goes on by itself')
    await server.start()
    await ledger.commit(jobId, checkpoint(2, { deliveries: [delivery(2)] }))
    expect(await ledger.books(jobId)).toMatchObject({ delivered: 3 })
    await ledger.close()
    await connectAdmin()
  })
})
