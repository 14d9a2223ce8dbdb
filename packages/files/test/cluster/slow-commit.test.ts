import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LEASE_SECONDS } from '../../src/cluster/board.ts'
import { Cluster, type WorkEvent, work } from '../../src/cluster/index.ts'
import { BatchProcessingEngine } from '../../src/files.ts'
import { within } from './within.ts'

const BOUND_MS = 240_000
/** Longer than the lease, by as much as is noticed. */
const COMMIT_SECONDS = LEASE_SECONDS + 6
/** These are in hand all the while. */
const LONG_FILE_SECONDS = COMMIT_SECONDS + 4

const FILES = ['a', 'long-b', 'long-c']
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-slow-commit-')))
const root = join(folder, 'tree')
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres()
  mkdirSync(join(root, 'node_modules', 'own'), { recursive: true })
  for (const name of FILES) writeFileSync(join(root, `${name}.ts`), `export const name = '${name}'\n`)
  writeFileSync(
    join(root, 'node_modules', 'own', 'slow.js'),
    `export default { name: 'slow', version: '1', match: ({ path }) => path.endsWith('.ts'), process: async ({ file }) => {
  if (file.path.startsWith('long')) await new Promise((resolve) => setTimeout(resolve, ${LONG_FILE_SECONDS * 1000}))
  return { name: file.path }
} }\n`,
  )
})
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The first commit of this server takes as long as one over a slow line. */
async function slowDown(schema: string): Promise<void> {
  const client = new pg.Client(postgres.url)
  await client.connect()
  await client.query(`CREATE SEQUENCE "${schema}".commits;
CREATE FUNCTION "${schema}".slow() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF nextval('"${schema}".commits') = 1 THEN PERFORM pg_sleep(${COMMIT_SECONDS}); END IF; RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON "${schema}".cluster_feed FOR EACH ROW EXECUTE FUNCTION "${schema}".slow()`)
  await client.end()
}

it('a commit that takes longer than a lease costs nobody a batch, neither who makes it nor who looks after the leases', {
  timeout: BOUND_MS,
}, async () => {
  const ledger = { url: postgres.url, schema: 'slow_commit' }
  const out = join(folder, 'out.jsonl')
  await using home = await Cluster.open({ ledger })
  await slowDown(ledger.schema)
  const config = {
    stateDir: join(folder, 'state'),
    out,
    batchSize: 1,
    processors: [join(root, 'node_modules', 'own', 'slow.js')],
  }
  await using engine = new BatchProcessingEngine(config, { home })
  const running = engine.processRepository(root)
  const events: WorkEvent[] = []
  const begun = Promise.withResolvers<void>()
  const onEvent = (event: WorkEvent) => {
    events.push(event)
    if (events.filter(({ type }) => type === 'batch-started').length === FILES.length) begun.resolve()
  }
  const worker = () => work({ ledger, root, workerCount: FILES.length, once: true, onEvent })
  // The second has nothing to do but to look after the leases of the first.
  const working = [worker(), begun.promise.then(worker)]
  await within(BOUND_MS - 10_000, () => Promise.all([running, ...working]))
  expect(events.filter(({ type }) => type === 'batch-lost' || type === 'database-away')).toEqual([])
  expect((await running).books).toMatchObject({ delivered: FILES.length, quarantined: 0 })
  expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(FILES.length)
})
