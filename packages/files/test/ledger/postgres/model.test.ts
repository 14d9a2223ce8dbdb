import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts'
import { fails, followsTheModel } from '../follows-the-model.ts'
import { PiecemealPostgresLedger } from './mutants/piecemeal-postgres-ledger.ts'
import { PostgresDisk } from './postgres-machine.ts'

let server: TestPostgres
let disk: PostgresDisk
let schemas = 0

beforeAll(async () => {
  // Nothing here is about power cuts.
  server = await startPostgres({ settings: { fsync: 'off' } })
  disk = await newDisk()
})
afterAll(async () => {
  await disk?.[Symbol.asyncDispose]()
  await server?.stop()
})

const newDisk = () => PostgresDisk.make(server.url, `model_${schemas++}`)

it.each(['process', 'connection'] as const)(
  'does what the model does, whenever its %s is gone',
  { timeout: 240_000 },
  async (gone) => {
    await fc.assert(
      followsTheModel(() => disk.start((database) => new PostgresLedger(database), gone)),
      { numRuns: process.env.MILLRACE_SLOW ? 60 : 6, endOnFailure: true },
    )
  },
)

it('would tell a ledger that writes a checkpoint piece by piece', { timeout: 240_000 }, async () => {
  expect(await fails(() => disk.start((database) => new PiecemealPostgresLedger(database)))).toBe(true)
})

it('would tell functions that keep the results of files that are gone', { timeout: 240_000 }, async () => {
  await using altered = await newDisk()
  await altered.alter(
    (s) => `CREATE RULE results_stay AS ON DELETE TO ${s}.results
  WHERE NOT EXISTS (SELECT FROM ${s}.files AS f WHERE f.tree = old.tree AND f.file_id = old.file_id) DO INSTEAD NOTHING`,
  )
  expect(await fails(() => altered.start((database) => new PostgresLedger(database)))).toBe(true)
})
