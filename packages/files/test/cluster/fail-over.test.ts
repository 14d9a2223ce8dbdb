import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { startStandby } from '@millrace/kernel/test/postgres/start-standby'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPostgresLedger } from '../../src/ledger/postgres/open-postgres-ledger.ts'
import { openCutLine } from '../crash/cut-line.ts'
import { byStamp, checkpoint, chunk, delivery, foundFiles, jobSpec, owner } from '../ledger/samples.ts'

const BOUND_MS = 180_000
const schema = 'fail_over'
let primary: TestPostgres
let standby: TestPostgres
let admin: pg.Client

beforeAll(async () => {
  primary = await startPostgres()
  admin = new pg.Client(primary.url)
  admin.on('error', () => {})
  await admin.connect()
}, BOUND_MS)
afterAll(async () => {
  await admin.end().catch(() => {})
  await standby?.stop()
  await primary.stop()
})

/** Makes a call again where its connection was lost, as a job does. */
async function insisted<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if ((error as { code?: string }).code !== 'LEDGER_UNREACHABLE' || attempt === 100) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

it('a coordinator whose standby took over without the last transactions goes no further: a number of a file may be another file’s there', {
  timeout: BOUND_MS,
}, async () => {
  await using line = await openCutLine(primary.port)
  const url = primary.url.replace(`:${primary.port}/`, `:${line.port}/`)
  await using first = await openPostgresLedger({ url, schema })
  await first.tryOwn()
  const jobId = await first.enqueueJob(jobSpec)
  await first.startJob(jobId, owner, 1)
  await first.meetFiles(jobId, chunk(foundFiles(4)), byStamp)
  standby = await startStandby(primary, (statement) => admin.query(statement))
  const there = new pg.Client(standby.url)
  there.on('error', () => {})
  await there.connect()
  // From here on the standby hears of nothing.
  await there.query(`ALTER SYSTEM SET primary_conninfo = ''`)
  await there.query('SELECT pg_reload_conf()')
  await expect.poll(async () => (await there.query('SELECT FROM pg_stat_wal_receiver')).rowCount).toBe(0)
  const { pending } = await first.meetFiles(jobId, chunk(foundFiles(4, 4)), byStamp)

  await there.query('SELECT pg_promote()')
  line.moveTo(standby.port)
  const setBack = { code: 'LEDGER_SET_BACK', message: expect.stringContaining('millrace files resume') }
  await expect(insisted(() => first.meetFiles(jobId, chunk(foundFiles(4, 8)), byStamp))).rejects.toMatchObject(setBack)
  const late = checkpoint(0, { deliveries: [delivery(pending[0]!.fileId)] })
  await expect(first.commit(jobId, late)).rejects.toMatchObject(setBack)

  // Who resumes the job there meets the tree anew, and the same number is another file.
  await using second = await openPostgresLedger({ url: standby.url, schema })
  expect(await second.tryOwn()).toBe(true)
  await second.startJob(jobId, owner, 2)
  await second.meetFiles(jobId, chunk([...foundFiles(4), ...foundFiles(4, 8)]), byStamp)
  expect(await second.books(jobId)).toMatchObject({ discovered: 8, delivered: 0 })
  await there.end()
})

it('a server that was killed and recovered has all it had acknowledged, and the coordinator goes on', {
  timeout: BOUND_MS,
}, async () => {
  await using ledger = await openPostgresLedger({ url: primary.url, schema: 'recovered' })
  await ledger.tryOwn()
  const jobId = await ledger.enqueueJob(jobSpec)
  await ledger.startJob(jobId, owner, 1)
  await primary.kill()
  await primary.start()
  await ledger.meetFiles(jobId, chunk(foundFiles(4)), byStamp)
  expect(await ledger.books(jobId)).toMatchObject({ discovered: 4 })
})
