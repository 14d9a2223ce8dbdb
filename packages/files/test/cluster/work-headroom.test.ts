import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Cluster, type WorkEvent, work } from '../../src/cluster/index.ts'
import { BatchProcessingEngine } from '../../src/files.ts'

const BOUND_MS = 180_000
const FILES = 120
const MEGABYTE = 1024 * 1024
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-work-headroom-')))
const root = join(folder, 'tree')
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres()
  mkdirSync(root)
  for (let file = 0; file < FILES; file++) writeFileSync(join(root, `${file}.txt`), 'a few words')
  writeFileSync(
    join(folder, 'slow.mjs'),
    `export default { name: 'slow', version: '1', match: () => true,
  process: () => new Promise((resolve) => setTimeout(resolve, 40, { done: true })) }\n`,
  )
}, BOUND_MS)
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Has the memory that nobody uses given back to the system. */
function collect(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

it('a worker whose machine is short of memory takes fewer batches, then none, gives back what it has not begun, and goes on when there is room', {
  timeout: BOUND_MS,
}, async () => {
  const ledger = { url: postgres.url }
  const out = join(folder, 'out.jsonl')
  await using home = await Cluster.open({ ledger })
  const processors = [join(folder, 'slow.mjs')]
  await using engine = new BatchProcessingEngine(
    { stateDir: join(folder, 'state'), out, processors, batchSize: 4 },
    { home },
  )
  const noticed = Promise.withResolvers<string>()
  engine.events.subscribe((event) => {
    if (event.type === 'paused' && event.reason.startsWith('the workers wait')) noticed.resolve(event.reason)
  })
  // Of another's, as far as the worker's limit is concerned: it is this process's.
  let ballast: Buffer[] = []
  const memoryLimitMb = Math.round(process.memoryUsage.rss() / MEGABYTE) + 400
  for (let part = 0; part < 5; part++) ballast.push(Buffer.alloc(100 * MEGABYTE, 1))

  const running = engine.processRepository(root)
  const told: WorkEvent[] = []
  const short = work({
    ledger,
    root,
    workerCount: 2,
    once: true,
    config: { memoryLimitMb },
    onEvent: (event) => void told.push(event),
  })
  expect(await noticed.promise).toMatch(/^the workers wait: memory is short, even with one batch at a time \(.+\)$/)
  const types = () => told.map(({ type }) => type)
  expect(told.find(({ type }) => type === 'work-limited')).toEqual({
    type: 'work-limited',
    processes: 1,
    of: 2,
    reason: 'memory is short',
  })
  expect(types()).toContain('paused')

  // Nothing waits with the one that does nothing, and all that is left can be another's at once.
  const admin = new pg.Client(postgres.url)
  await admin.connect()
  await expect
    .poll(() => admin.query(`SELECT 1 FROM millrace_files_board.job WHERE state = 'active'`))
    .toMatchObject({ rowCount: 0 })
  await admin.end()
  const leave = new AbortController()
  let others = 0
  const other = work({
    ledger,
    root,
    workerCount: 1,
    signal: leave.signal,
    onEvent({ type }) {
      if (type === 'work-committed' && ++others === 8) leave.abort()
    },
  })
  const committed = types().filter((type) => type === 'work-committed').length
  await other
  expect(types().filter((type) => type === 'work-committed')).toHaveLength(committed)
  expect(types()).not.toContain('continued')

  ballast = []
  collect()
  const { balanced, books } = await running
  await short
  expect(ballast).toEqual([])
  expect(types()).toContain('continued')
  expect(balanced).toBe(true)
  expect(books.delivered).toBe(FILES)
  expect(readFileSync(out, 'utf8').trim().split('\n')).toHaveLength(FILES)
})
