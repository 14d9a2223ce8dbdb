import { systemClock } from '@millrace/kernel'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { attend, attending } from '../../src/cluster/attendance.ts'
import { livenessOf, openLookout } from '../../src/cluster/liveness.ts'
import { waitForTurn } from '../../src/engine/turn.ts'
import { ownerOfThisProcess } from '../../src/ledger/job-owner.ts'
import { LedgerDatabase } from '../../src/ledger/postgres/ledger-database.ts'
import { PostgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts'

const ELSEWHERE = { host: 'elsewhere.invalid', pid: 7, startedMs: 1 }
const HERE = ownerOfThisProcess(systemClock)
const spec = { root: '/tree', processors: ['p@1'], config: '{}', priority: 1, createdMs: 1 }
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

it('a job runs where the owner of the ledger is, whatever it says of itself', async () => {
  const options = { url: postgres.url, schema: 'running' }
  await using database = await LedgerDatabase.open(options)
  await using look = (await openLookout(options)).ledger
  const isAlive = async () => (await livenessOf(database, look))((await look.job())!)
  await using ledger = new PostgresLedger(database)
  await ledger.tryOwn()
  const jobId = await ledger.enqueueJob({ ...spec, owner: HERE })
  await ledger.startJob(jobId, HERE, 1)
  expect(await isAlive()).toBe(true)
  // It owns the ledger no more, though its process is there.
  await ledger.close()
  expect(await isAlive()).toBe(false)
  await using next = new PostgresLedger(database)
  await next.tryOwn()
  await next.startJob(jobId, ELSEWHERE, 1)
  expect(await isAlive()).toBe(false)
})

it('who waits on another machine shows itself, and again after its connection was lost; who is gone holds up nobody', {
  timeout: 240_000,
}, async () => {
  const options = { url: postgres.url, schema: 'waiting' }
  await using database = await LedgerDatabase.open(options)
  await using ledger = new PostgresLedger(database)
  const urgent = await ledger.enqueueJob({ ...spec, priority: 3, owner: ELSEWHERE })
  const own = await ledger.enqueueJob({ ...spec, owner: HERE })
  const liveness = () => livenessOf(database, ledger)
  const isAlive = async () => (await liveness())((await ledger.job(urgent))!)
  expect(await isAlive()).toBe(false)

  const admin = new pg.Client(postgres.url)
  await admin.connect()
  const there = await attend(database, ELSEWHERE, systemClock)
  expect(await isAlive()).toBe(true)
  // Of another schema, or another process, it says nothing.
  await using beside = await LedgerDatabase.open({ ...options, schema: 'beside' })
  expect((await attending(beside))(ELSEWHERE)).toBe(false)
  expect((await attending(database))({ ...ELSEWHERE, startedMs: 2 })).toBe(false)
  await admin.query(
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND mode = 'ShareLock'`,
  )
  for (let looks = 0; looks < 500 && !(await isAlive()); looks++)
    await new Promise((resolve) => setTimeout(resolve, 20))
  expect(await isAlive()).toBe(true)

  const behind: (readonly string[])[] = []
  const stop = new AbortController()
  const turn = waitForTurn(ledger, own, {
    clock: systemClock,
    signal: stop.signal,
    liveness,
    async onBehind(jobs) {
      behind.push(jobs)
      await there[Symbol.asyncDispose]()
    },
  })
  await turn
  expect(behind).toEqual([[urgent]])
  expect(ledger.epoch).toBeDefined()
  await admin.end()
})
