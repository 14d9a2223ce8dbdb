import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@millrace/kernel'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Cluster, openPostgresLedger, type WorkEvent, work } from '../../src/cluster/index.ts'
import type { BatchConfig } from '../../src/engine/config.ts'
import { BatchProcessingEngine } from '../../src/files.ts'
import { LedgerDatabase } from '../../src/ledger/postgres/ledger-database.ts'
import { migrate } from '../../src/ledger/postgres/migrate.ts'
import { MIGRATIONS } from '../../src/ledger/postgres/migrations.ts'
import { PostgresLedger } from '../../src/ledger/postgres/postgres-ledger.ts'
import { BatchPriority } from '../../src/plan/priority.ts'
import { plantTree } from '../crash/seeded-tree.ts'
import { embeddedOutput } from './embedded-output.ts'
import { within } from './within.ts'

const BOUND_MS = 180_000
const HOUR_MS = 3_600_000
/** A refusal needs a connection and some statements; the rest is for a machine that does much else. */
const REFUSED_MS = 10_000
/** A job here takes two seconds; on top come the waits of a breaker, 1 s, 2 s, 4 s …, and a machine that does much else. */
const JOB_MS = 45_000
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-cluster-troubles-')))
const root = join(folder, 'tree')
/** A file of the tree is not done before this one is there: so long no job is over. */
const go = join(folder, 'go')
const gate = join(folder, 'gate.mjs')
const JOB: BatchConfig = {
  batchSize: 4,
  workerCount: 1,
  processors: ['syntax', 'ast-json', gate],
  priority: [{ priority: BatchPriority.LOW, glob: '*.held' }],
}
let postgres: TestPostgres
let made = 0
let reference: Buffer

beforeAll(async () => {
  postgres = await startPostgres()
  plantTree(root, { seed: 11, files: 60 })
  writeFileSync(join(root, 'last.held'), 'last')
  writeFileSync(
    gate,
    `import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
const process = async () => {
  while (!existsSync(${JSON.stringify(go)})) await sleep(20)
  return { held: true }
}
export default { name: 'gate', version: '1', match: ({ path }) => path.endsWith('.held'), process }\n`,
  )
  writeFileSync(go, '')
  reference = await embeddedOutput(root, folder, JOB)
}, BOUND_MS)
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

function newLedger() {
  return { url: postgres.url, schema: `troubles_${made++}` }
}

/** Runs a job over the tree with one worker that is told of with `onEvent`; gives the results. */
async function runJob(
  ledger: ReturnType<typeof newLedger>,
  onEvent: (event: WorkEvent) => void,
  skewMs = { coordinator: 0, worker: 0 },
): Promise<Buffer> {
  const skewed = (ms: number) => ({ ...systemClock, wallNow: () => systemClock.wallNow() + ms })
  const out = join(folder, `${ledger.schema}.jsonl`)
  await using home = await Cluster.open({ ledger })
  const stateDir = join(folder, `state-${ledger.schema}`)
  await using engine = new BatchProcessingEngine({ stateDir, out, ...JOB }, { home, clock: skewed(skewMs.coordinator) })
  const running = engine.processRepository(root)
  await within(JOB_MS, () =>
    Promise.all([running, work({ ledger, root, workerCount: 1, once: true, onEvent, clock: skewed(skewMs.worker) })]),
  )
  expect((await running).balanced).toBe(true)
  return readFileSync(out)
}

/** Workers' commits fail as the server would have it; what for is not so. */
const failing = (
  schema: string,
  sqlState: string,
) => `CREATE FUNCTION "${schema}".fail() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE 'as the test has it' USING ERRCODE = '${sqlState}'; END $$;
CREATE TRIGGER failing BEFORE INSERT ON "${schema}".cluster_feed FOR EACH ROW EXECUTE FUNCTION "${schema}".fail()`
const mended = (schema: string) => [`DROP TRIGGER failing ON "${schema}".cluster_feed`]

async function untilReadOnly(): Promise<void> {
  for (let shown = ''; shown !== 'on'; ) {
    const fresh = new pg.Client(postgres.url)
    await fresh.connect()
    const { rows } = await fresh.query('SHOW default_transaction_read_only')
    shown = rows[0].default_transaction_read_only
    await fresh.end()
  }
}

it.each([
  {
    what: 'takes no changes for a while',
    says: 'PostgreSQL takes no changes now',
    breaks: () => ['ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()'],
    // Sessions are told before new ones are let in.
    isSo: untilReadOnly,
    mends: () => ['ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()'],
  },
  {
    what: 'has a full disk for a while',
    says: 'The disk of PostgreSQL is full',
    breaks: (schema: string) => [failing(schema, '53100')],
    isSo: async () => {},
    mends: mended,
  },
  ...(
    [
      ['finds deadlocks', '40P01', 'Others hold what the ledger needs in PostgreSQL'],
      ['cannot order transactions', '40001', 'Others hold what the ledger needs in PostgreSQL'],
      ['ends statements', '57014', 'PostgreSQL has ended a statement of the ledger'],
      ['ends long transactions', '25P04', 'PostgreSQL has ended the connection'],
    ] as const
  ).map(([what, sqlState, says]) => ({
    what: `${what} for a while`,
    says,
    breaks: (schema: string) => [failing(schema, sqlState)],
    isSo: async () => {},
    mends: mended,
  })),
])(
  'a database that $what is waited for, and the job ends as it would have',
  {
    timeout: BOUND_MS,
  },
  async ({ says, breaks, isSo, mends }) => {
    const ledger = newLedger()
    const admin = new pg.Client(postgres.url)
    await admin.connect()
    await admin.query('SET default_transaction_read_only = off')
    const told: string[] = []
    let broken: Promise<void> | undefined
    let mended: Promise<void> | undefined
    const doAll = async (statements: readonly string[]) => {
      for (const statement of statements) await admin.query(statement)
    }
    const breakThen = async () => {
      await doAll(breaks(ledger.schema))
      await isSo()
      writeFileSync(go, '')
    }
    rmSync(go)
    const results = await runJob(ledger, (event) => {
      if (event.type === 'work-committed') broken ??= breakThen()
      const message = event.type === 'database-away' ? event.message : event.type === 'paused' ? event.reason : ''
      if (!message.startsWith(says)) return
      told.push(message)
      mended ??= broken!.then(() => doAll(mends(ledger.schema)))
    })
    await mended
    await admin.end()
    expect(told[0]).toContain('goes on by itself')
    expect(results.equals(reference)).toBe(true)
  },
)

it('a server that is restarted in the midst of a job is waited for, and the job ends as it would have', {
  timeout: BOUND_MS,
}, async () => {
  let restarted: Promise<void> | undefined
  const results = await runJob(newLedger(), ({ type }) => {
    if (type === 'work-committed') restarted ??= postgres.restart()
  })
  await restarted
  expect(results.equals(reference)).toBe(true)
})

it('tables of an earlier version are brought to this one by who opens them first, and those of a newer one refused', {
  timeout: BOUND_MS,
}, async () => {
  const ledger = newLedger()
  const admin = new pg.Client(postgres.url)
  await admin.connect()
  await migrate(admin, ledger.schema, 'here', MIGRATIONS.slice(0, -1))
  const results = await runJob(ledger, () => {})
  expect(results.equals(reference)).toBe(true)
  await admin.query(`UPDATE "${ledger.schema}".ledger SET version = 99`)
  await admin.end()
  for (const call of [() => Cluster.open({ ledger }), () => work({ ledger, root })]) {
    await expect(within<unknown>(REFUSED_MS, call)).rejects.toMatchObject({
      code: 'LEDGER_NEWER',
      detail: { version: 99, known: MIGRATIONS.length },
    })
  }
})

it('a watched tree that is deleted ends the watch with a sentence, and what was found of it stays', {
  timeout: BOUND_MS,
}, async () => {
  const ledger = newLedger()
  const tree = join(folder, 'watched')
  plantTree(tree, { seed: 13, files: 20, broken: 0 })
  const leave = new AbortController()
  await using home = await Cluster.open({ ledger })
  await using engine = new BatchProcessingEngine({ stateDir: join(folder, 'watching'), sink: null, ...JOB }, { home })
  const working = work({ ledger, root: tree, workerCount: 1, signal: leave.signal })
  const runs = engine.watch(tree)[Symbol.asyncIterator]()
  const { result } = (await runs.next()).value!
  expect(result.balanced).toBe(true)
  rmSync(tree, { recursive: true })
  await expect(within(REFUSED_MS, () => runs.next())).rejects.toMatchObject({
    code: 'ROOT_MISSING',
    message: expect.stringMatching(/There is no folder ".*watched" any more/),
  })
  leave.abort()
  await within(REFUSED_MS, () => working)
  await using reader = await openPostgresLedger({ ...ledger, readonly: true })
  expect(await reader.books(result.jobId)).toEqual(result.books)
})

it('clocks of machines that are an hour off change nothing', { timeout: BOUND_MS }, async () => {
  const lost: WorkEvent[] = []
  const results = await runJob(newLedger(), (event) => event.type === 'batch-lost' && lost.push(event), {
    coordinator: HOUR_MS,
    worker: -HOUR_MS,
  })
  expect(results.equals(reference)).toBe(true)
  expect(lost).toEqual([])
})

it('a worker that finds no database when it starts waits for it, and leaves when it is asked', {
  timeout: BOUND_MS,
}, async () => {
  const ledger = newLedger()
  await postgres.kill()
  const away = Promise.withResolvers<string>()
  const waiting = Promise.withResolvers<void>()
  const leave = new AbortController()
  const working = work({
    ledger,
    root,
    workerCount: 1,
    signal: leave.signal,
    onEvent(event) {
      if (event.type === 'database-away') away.resolve(event.message)
      if (event.type === 'work-waiting') waiting.resolve()
    },
  })
  const message = await away.promise
  expect(message).toContain('this worker goes on by itself')
  expect(message).not.toContain(postgres.password)
  const gone = new AbortController()
  const other = work({ ledger, root, signal: gone.signal, onEvent: () => gone.abort() })
  await other
  await postgres.start()
  await waiting.promise
  leave.abort()
  await working
})

it('a worker does not wait for one that refuses it, nor longer than a job may pause', {
  timeout: BOUND_MS,
}, async () => {
  const refused = { url: postgres.url.replace(postgres.password, 'wrong-pass-phrase') }
  await expect(within(REFUSED_MS, () => work({ ledger: refused, root }))).rejects.toMatchObject({
    code: 'LEDGER_REFUSED',
  })
  const away = { url: postgres.url.replace(`:${postgres.port}/`, ':1/') }
  const told: string[] = []
  const onEvent = (event: WorkEvent) => void (event.type === 'database-away' && told.push(event.message))
  // More processes than a worker may have connections.
  const working = () => work({ ledger: away, root, config: { maxPauseSeconds: 1 }, workerCount: 500, onEvent })
  await expect(within(1000 + REFUSED_MS, working)).rejects.toMatchObject({ code: 'LEDGER_UNREACHABLE' })
  await expect(within(REFUSED_MS, () => Cluster.open({ ledger: away }))).rejects.toMatchObject({
    code: 'LEDGER_UNREACHABLE',
  })
  expect(told).toEqual([
    expect.stringMatching(
      /^PostgreSQL does not answer \(127\.0\.0\.1:1\/.*\): connect ECONNREFUSED 127\.0\.0\.1:1; this worker goes on by itself when that has passed, and tries for 1 s$/,
    ),
  ])
})

it('a coordinator has the ledger again where its connection was lost, and ends where another took over, also while it has nothing to write', {
  timeout: BOUND_MS,
}, async () => {
  const ledger = newLedger()
  await using home = await Cluster.open({ ledger })
  await using engine = new BatchProcessingEngine({ stateDir: join(folder, 'replaced'), sink: null }, { home })
  const waits = Promise.withResolvers<void>()
  engine.events.subscribe(({ type }) => type === 'paused' && waits.resolve())
  const running = engine.processRepository(root)
  running.catch(() => {})
  await waits.promise
  await using database = await LedgerDatabase.open(ledger)
  await using other = new PostgresLedger(database)
  const cutOff = () =>
    database.pool.query(`SELECT pg_terminate_backend(session_pid, 5000) FROM ${database.tables}.ledger`)
  const before = await other.owner()
  await cutOff()
  for (let looks = 0; looks < 500 && (await other.owner()) === undefined; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect(await other.owner()).toEqual(before)

  // Whoever comes first has it: the coordinator may be the one.
  for (let attempt = 0; attempt < 50 && other.epoch === undefined; attempt++) {
    await cutOff()
    await other.tryOwn()
  }
  expect(other.epoch).toBeDefined()
  await expect(running).rejects.toMatchObject({
    code: 'COORDINATOR_REPLACED',
    message: expect.stringContaining('Nothing is lost'),
  })
})
