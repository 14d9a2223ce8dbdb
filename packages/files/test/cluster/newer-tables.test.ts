import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type WorkEvent, work } from '../../src/cluster/index.ts'
import { writeRun } from '../../src/cluster/run-row.ts'
import { LedgerDatabase } from '../../src/ledger/postgres/ledger-database.ts'
import { migrate } from '../../src/ledger/postgres/migrate.ts'
import { MIGRATIONS } from '../../src/ledger/postgres/migrations.ts'
import { within } from './within.ts'

const BOUND_MS = 30_000
const root = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-newer-tables-')))
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(async () => {
  await postgres.stop()
  rmSync(root, { recursive: true, force: true })
})

it('a worker that waits while its tables become those of a newer version takes up nothing of that, and says so', {
  timeout: BOUND_MS + 10_000,
}, async () => {
  const ledger = { url: postgres.url, schema: 'newer_tables' }
  await using database = await LedgerDatabase.open(ledger)
  const waits = Promise.withResolvers<void>()
  const events: WorkEvent[] = []
  const onEvent = (event: WorkEvent) => {
    events.push(event)
    if (event.type === 'work-waiting') waits.resolve()
  }
  const working = work({ ledger, root, workerCount: 1, onEvent })
  await waits.promise
  const admin = await database.connect()
  await migrate(admin, database.schema, database.place, [...MIGRATIONS, () => []])
  await admin.end()
  const config = {
    processors: ['syntax'],
    base: root,
    timeoutSeconds: 1,
    retryAttempts: 1,
    maxFileBytes: 1,
    checkpointInterval: 1,
    maxPauseSeconds: 1,
  }
  const run = { epoch: 1, jobId: 'job', queue: 'files-job-1', root, tags: ['syntax@1'], config, phase: 'open' } as const
  await writeRun(database.pool, database.tables, run)
  await expect(within(BOUND_MS, () => working)).rejects.toMatchObject({ code: 'LEDGER_NEWER' })
  expect(events.map(({ type }) => type)).not.toContain('work-began')
})
