import { randomUUID } from 'node:crypto'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll } from 'vitest'
import { openPostgresLedger } from '../../../src/ledger/postgres/open-postgres-ledger.ts'
import { ledgerConformance } from '../conformance.ts'

let server: TestPostgres

beforeAll(async () => {
  // Nothing here is about power cuts.
  server = await startPostgres({ settings: { fsync: 'off' } })
})
afterAll(() => server.stop())

ledgerConformance('PostgreSQL', async () => {
  const schema = `files_${randomUUID()}`
  return {
    open: () => openPostgresLedger({ url: server.url, schema }),
    [Symbol.asyncDispose]: async () => {},
  }
})
