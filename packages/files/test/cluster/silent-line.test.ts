import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LedgerDatabase } from '../../src/ledger/postgres/ledger-database.ts'
import { openCutLine } from '../crash/cut-line.ts'
import { within } from './within.ts'

/** Long for a server that is there, on a machine that does much else. */
const ANSWER_MS = 3000
/** For a machine that does much else. */
const BOUND_MS = 60_000

let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

/** A database behind a line, with two connections that have been used. */
async function behindLine() {
  const line = await openCutLine(postgres.port)
  const url = postgres.url.replace(`:${postgres.port}/`, `:${line.port}/`)
  const database = await LedgerDatabase.open({ url, schema: 'silent', answerTimeoutMs: ANSWER_MS })
  await Promise.all([1, 2].map(() => database.transaction((sql) => sql.query('SELECT pg_sleep(0.1)'))))
  return { line, database }
}

it('a server that says nothing any more, on connections that stay open, is given up after so long by whatever asks it', async () => {
  const { line, database } = await behindLine()
  await using _line = line
  const asking = database.transaction(async (sql) => {
    await sql.query('SELECT 1')
    line.cut()
    await sql.query('SELECT 2')
  })
  await expect(within(BOUND_MS, () => asking)).rejects.toMatchObject({ code: 'LEDGER_UNREACHABLE' })
  const alone = database.pool.query('SELECT 3').catch((error: unknown) => Promise.reject(database.failure(error)))
  await expect(within(BOUND_MS, () => alone)).rejects.toMatchObject({ code: 'LEDGER_UNREACHABLE' })
  line.mend()
  expect((await database.pool.query('SELECT 4 AS n')).rows).toEqual([{ n: 4 }])
  await database.close()
})

it('who closes does not wait for it either', async () => {
  const { line, database } = await behindLine()
  await using _line = line
  line.cut()
  await within(BOUND_MS, () => database.close())
})

it('a transaction in which a statement has failed is never taken for committed', async () => {
  await using database = await LedgerDatabase.open({ url: postgres.url, schema: 'silent' })
  const { tables } = database
  const half = database.transaction(async (sql) => {
    await sql.query(`INSERT INTO ${tables}.learned (key, json) VALUES ('half', '1')`)
    await sql.query('SELECT 1 / 0').catch(() => {})
  })
  await expect(half).rejects.toThrow('rolled back')
  expect((await database.pool.query(`SELECT FROM ${tables}.learned`)).rowCount).toBe(0)
})

it('a server that ends long transactions is waited for, as one that ends idle ones is', async () => {
  await using database = await LedgerDatabase.open({ url: postgres.url, schema: 'silent' })
  const ended = database.transaction(async (sql) => {
    await sql.query("SET LOCAL transaction_timeout = '100ms'")
    await sql.query('SELECT pg_sleep(5)')
  })
  await expect(ended).rejects.toMatchObject({
    code: 'LEDGER_UNREACHABLE',
    detail: { patience: expect.stringContaining('has ended the connection') },
  })
})
