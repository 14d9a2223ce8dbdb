import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { VirtualClock } from '@millrace/kernel/virtual-clock'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readSign, showCoordinator } from '../../src/cluster/coordinator-sign.ts'
import { type Run, writeRun } from '../../src/cluster/run-row.ts'
import { LedgerDatabase } from '../../src/ledger/postgres/ledger-database.ts'

const RUN: Run = {
  epoch: 3,
  jobId: '7',
  queue: 'q',
  root: '/tree',
  tags: [],
  config: {
    processors: [],
    base: '/',
    timeoutSeconds: 1,
    retryAttempts: 1,
    maxFileBytes: 1,
    checkpointInterval: 1,
    maxPauseSeconds: 1,
  },
  phase: 'open',
}
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres({ settings: { fsync: 'off' } })
})
afterAll(() => postgres.stop())

it('a coordinator shows that it lives, and why its job is paused; one that was replaced shows nothing more', async () => {
  await using database = await LedgerDatabase.open({ url: postgres.url })
  const { pool, tables } = database
  expect(await readSign(database)).toBeUndefined()
  await writeRun(pool, tables, RUN)
  const age = () => pool.query(`UPDATE ${tables}.cluster_run SET seen_at = seen_at - interval '1 hour'`)
  const silentFor = async () => Math.round(((await readSign(database))?.silentMs ?? Number.NaN) / 3_600_000)
  await age()
  expect(await silentFor()).toBe(1)

  const clock = new VirtualClock()
  const stop = new AbortController()
  let reason: string | null = null
  const showing = showCoordinator(database, RUN.epoch, { clock, signal: stop.signal, paused: () => reason })
  await expect.poll(silentFor).toBe(0)

  // Nothing new is told at once …
  await age()
  await clock.advance(1000)
  expect(await silentFor()).toBe(1)
  // … what changes is, …
  reason = 'there is no room'
  await expect
    .poll(async () => {
      await clock.advance(200)
      return readSign(database)
    })
    .toMatchObject({ jobId: '7', paused: reason })
  expect(await silentFor()).toBe(0)
  // … and a sign of life every two seconds.
  await age()
  await expect
    .poll(async () => {
      await clock.advance(200)
      return silentFor()
    })
    .toBe(0)

  // What it said last of a run that is over, or not its own, counts no more.
  await writeRun(pool, tables, { ...RUN, phase: 'over' })
  expect(await readSign(database)).toMatchObject({ paused: null })
  await writeRun(pool, tables, { ...RUN, epoch: 4, jobId: '8' })
  expect(await readSign(database)).toMatchObject({ jobId: '8', paused: null })
  reason = 'it is not its own'
  await clock.advance(5000)
  stop.abort()
  await showing
  expect(await readSign(database)).toMatchObject({ jobId: '8', paused: null })
})
