import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openPostgresLedger } from '../../../src/ledger/postgres/open-postgres-ledger.ts'
import { byStamp, checkpoint, chunk, delivery, foundFiles, jobSpec, owner } from '../samples.ts'
import { openPooler } from './pooler.ts'

let server: TestPostgres
beforeAll(async () => {
  server = await startPostgres({ settings: { fsync: 'off' } })
})
afterAll(() => server.stop())

const through = (port: number) => ({ url: server.url.replace(`:${server.port}/`, `:${port}/`) })

it('a pooler that gives each transaction another session is refused: both of two coordinators would have the lock', async () => {
  await using pooler = await openPooler(server.port, 'transactions')
  await expect(openPostgresLedger({ ...through(pooler.port), schema: 'pooled' })).rejects.toMatchObject({
    code: 'LEDGER_REFUSED',
    message: expect.stringContaining('pool_mode = session'),
  })
})

it('one that pools sessions is as good as none', async () => {
  await using pooler = await openPooler(server.port, 'sessions')
  await using ledger = await openPostgresLedger({ ...through(pooler.port), schema: 'by_session' })
  await using second = await openPostgresLedger({ ...through(pooler.port), schema: 'by_session' })
  expect(await ledger.tryOwn()).toBe(true)
  expect(await second.tryOwn()).toBe(false)
  const jobId = await ledger.enqueueJob(jobSpec)
  await ledger.startJob(jobId, owner, 1)
  await ledger.meetFiles(jobId, chunk(foundFiles(2)), byStamp)
  await ledger.commit(jobId, checkpoint(0, { deliveries: [delivery(0), delivery(1)] }))
  expect(await ledger.books(jobId)).toMatchObject({ delivered: 2 })
})
