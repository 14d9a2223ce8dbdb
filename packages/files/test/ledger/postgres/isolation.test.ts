import { randomUUID } from 'node:crypto'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LedgerDatabase } from '../../../src/ledger/postgres/ledger-database.ts'
import { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts'
import { writeCheckpoint } from '../../../src/ledger/postgres/write-checkpoint.ts'
import { byStamp, checkpoint, chunk, delivery, foundFiles, jobSpec, owner } from '../samples.ts'

let server: TestPostgres
beforeAll(async () => {
  server = await startPostgres({ settings: { fsync: 'off' } })
})
afterAll(() => server.stop())

it.each(['repeatable read', 'serializable'])(
  'a checkpoint of an earlier start is refused also where the server has transactions %s unless told otherwise',
  async (isolation) => {
    const admin = new Client(server.url)
    await admin.connect()
    await admin.query(`ALTER DATABASE postgres SET default_transaction_isolation = '${isolation}'`)
    await admin.end()
    await using database = await LedgerDatabase.open({ url: server.url, schema: `as ${isolation}` })
    await using ledger = new PostgresLedger(database)
    await ledger.tryOwn()
    const jobId = await ledger.enqueueJob(jobSpec)
    await ledger.startJob(jobId, owner, 1)
    await ledger.meetFiles(jobId, chunk(foundFiles(2)), byStamp)
    const target = { tables: database.tables, jobId, epoch: ledger.epoch!, token: randomUUID() }
    const late = database.transaction(async (sql) => {
      await sql.query(`SELECT FROM ${database.tables}.files`)
      await ledger.release()
      await ledger.tryOwn()
      await ledger.startJob(jobId, owner, 2)
      await writeCheckpoint(sql, target, checkpoint(0, { deliveries: [delivery(0)] }))
    })
    await expect(late).rejects.toMatchObject({ code: 'JOB_NOT_STARTED' })
    expect(await ledger.books(jobId)).toMatchObject({ delivered: 0 })
    const { rows } = await database.pool.query('SHOW transaction_isolation')
    expect(rows).toEqual([{ transaction_isolation: 'read committed' }])
  },
)
