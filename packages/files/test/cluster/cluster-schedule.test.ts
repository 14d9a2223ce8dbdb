import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import pg from 'pg'
import { TestClock } from 'pg-boss'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { LEASE_SECONDS } from '../../src/cluster/board.ts'
import { clusterScheduled } from '../../src/cluster/cluster-schedule.ts'
import type { ScheduledMoment } from '../../src/schedule/scheduled.ts'

let postgres: TestPostgres
let made = 0
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

/** Machines that share a schedule of every minute, on a clock that the test turns. */
async function machines(count: number) {
  const clock = new TestClock(Date.UTC(2026, 10, 22, 0, 0, 30))
  const schema = `schedule_${made++}`
  const ends = Array.from({ length: count }, () => new AbortController())
  const started: Promise<void>[] = []
  const each = ends.map(({ signal }, machine) => {
    const pool = new pg.Pool({ connectionString: postgres.url, max: 3 })
    // The server ends when the test does.
    pool.on('error', () => {})
    let perSession: readonly string[] = []
    pool.on('connect', (client) => {
      for (const statement of perSession) void client.query(statement)
    })
    const db = {
      executeSql: (text: string, values?: unknown[]) => pool.query(text, values),
      setSessionStatements: async (statements: readonly string[]) => {
        perSession = statements
      },
    }
    let onWait = () => {}
    started[machine] = new Promise((resolve) => {
      onWait = resolve
    })
    const options = { name: 'tree', cron: '* * * * *', timezone: 'UTC', signal, onWait }
    const moments = clusterScheduled(options, { db, schema, clock })
    onTestFinished(async () => {
      ends[machine]!.abort()
      await moments.return()
      await pool.end()
    })
    return moments
  })
  /** What comes to whom while time passes. */
  const told: { machine: number; moment: ScheduledMoment }[] = []
  const ask = async (machine: number) => {
    void each[machine]!.next().then(({ value, done }) => {
      if (done !== true) told.push({ machine, moment: value })
    })
    // Its tables are made, and its clock is the test's.
    await started[machine]
  }
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await clock.tick(1000)
      await new Promise(setImmediate)
    }
  }
  return { told, ask, pass, ends, each }
}

test('each moment comes to one machine, and the next one not before that is done', async () => {
  const { told, ask, pass } = await machines(2)
  await ask(0)
  await pass(1)
  await ask(1)
  await pass(60)
  expect(told).toHaveLength(1)
  // The one who has it goes on working through the next moment: it waits.
  await pass(60)
  expect(told).toHaveLength(1)
  const first = told[0]!.machine
  await ask(first)
  await pass(10)
  expect(told).toHaveLength(2)
  expect(told.map(({ moment }) => moment.dueMs)).toEqual(
    [...told.map(({ moment }) => moment.dueMs)].sort((a, b) => a - b),
  )
})

test('who breaks off gives it to another, and so does who dies, once the lease is over', async () => {
  const { told, ask, pass, ends, each } = await machines(3)
  await ask(0)
  await pass(60)
  expect(told.map(({ machine }) => machine)).toEqual([0])
  await ask(1)
  await pass(5)
  expect(told).toHaveLength(1)
  ends[0]!.abort()
  await each[0]!.return()
  await pass(5)
  expect(told.map(({ machine }) => machine)).toEqual([0, 1])
  expect(told[1]!.moment.dueMs).toBe(told[0]!.moment.dueMs)
  await pass(LEASE_SECONDS + 5)
  // It is alive, and keeps what it has.
  await ask(2)
  await pass(LEASE_SECONDS + 5)
  expect(told).toHaveLength(2)
})

test.each([
  ['nightly', 'is no schedule'],
  ['0 0 2 * * *', 'has seconds'],
])('%s is refused', async (cron, message) => {
  const schedule = clusterScheduled(
    { name: 'tree', cron, signal: new AbortController().signal },
    { db: { executeSql: () => Promise.reject(new Error('not asked')) }, schema: 'none' },
  )
  await expect(schedule.next()).rejects.toMatchObject({
    code: 'SCHEDULE_INVALID',
    message: expect.stringContaining(message),
  })
})
