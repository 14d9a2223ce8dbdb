import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Cluster, type WorkEvent, work } from '../../src/cluster/index.ts'
import type { BatchConfig } from '../../src/engine/config.ts'
import type { EngineEvent } from '../../src/engine/events.ts'
import { BatchProcessingEngine } from '../../src/files.ts'
import { plantTree } from '../crash/seeded-tree.ts'
import { embeddedOutput } from './embedded-output.ts'
import { within } from './within.ts'

const BOUND_MS = 180_000
const FILES = 200
/** A refusal needs some statements; the rest is for a machine that does much else. */
const REFUSED_MS = 20_000

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-cluster-')))
const root = join(folder, 'tree')
let postgres: TestPostgres
let made = 0
let reference: Buffer

beforeAll(async () => {
  postgres = await startPostgres()
  plantTree(root, { seed: 9, files: FILES })
  // A processor of the tree's own, so that another checkout has another one.
  mkdirSync(join(root, 'node_modules', 'own'), { recursive: true })
  writeFileSync(join(root, 'node_modules', 'own', 'lines.js'), processorOf(1))
  reference = await embeddedOutput(root, folder, { workerCount: 2, batchSize: 20 })
}, BOUND_MS)
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

function processorOf(version: number): string {
  return `export default { name: 'lines', version: '${version}', match: ({ path }) => path.endsWith('.ts'), process: (input) => ({ lines: input.text().split('\\n').length }) }\n`
}

/** A coordinator with a schema of its own in the database. */
async function coordinator(config: BatchConfig = {}) {
  const ledger = { url: postgres.url, schema: `cluster_${made++}` }
  const out = join(folder, `${ledger.schema}.jsonl`)
  const stack = new AsyncDisposableStack()
  const home = stack.use(await Cluster.open({ ledger }))
  const stateDir = join(folder, `state-${ledger.schema}`)
  const engine = stack.use(new BatchProcessingEngine({ stateDir, out, batchSize: 20, ...config }, { home }))
  const events: EngineEvent[] = []
  engine.events.subscribe((event) => void events.push(event))
  return { ledger, out, home, engine, events, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** A tree like the coordinator's, on what stands for another machine. */
function checkout(): string {
  const copy = join(folder, `checkout-${made++}`)
  cpSync(root, copy, { recursive: true })
  return copy
}

it('what a worker did on another checkout is what one process would have done, byte for byte', {
  timeout: BOUND_MS,
}, async () => {
  await using job = await coordinator()
  const running = job.engine.processRepository(root)
  await work({ ledger: job.ledger, root: checkout(), workerCount: 2, once: true })
  const { books, balanced } = await running
  expect(balanced).toBe(true)
  expect(books.delivered).toBe(reference.toString().split('\n').length - 1)
  expect(readFileSync(job.out).equals(reference)).toBe(true)
  // Stamps are the coordinator's, whoever made the record: nothing is processed again. What was planted a moment before is read once more.
  const leave = new AbortController()
  const second = work({ ledger: job.ledger, root: checkout(), workerCount: 1, signal: leave.signal })
  const again = await job.engine.processRepository(root)
  leave.abort()
  await second
  expect(again).toMatchObject({ reused: books.delivered, books })
})

it('workers join and leave at will, and what a leaving one had not begun is done by others', {
  timeout: BOUND_MS,
}, async () => {
  await using job = await coordinator({ batchSize: 5 })
  const running = job.engine.processRepository(root)
  const leave = new AbortController()
  const first: WorkEvent[] = []
  await work({
    ledger: job.ledger,
    root: checkout(),
    workerCount: 1,
    signal: leave.signal,
    onEvent: (event) => {
      first.push(event)
      if (event.type === 'work-committed') leave.abort()
    },
  })
  expect(first.filter(({ type }) => type === 'work-committed').length).toBeLessThan(20)
  // One of them may come when the other has done it all.
  const over = new AbortController()
  const others = [1, 2].map(() => work({ ledger: job.ledger, root: checkout(), workerCount: 1, signal: over.signal }))
  await running
  over.abort()
  await Promise.all(others)
  expect(readFileSync(job.out).equals(reference)).toBe(true)
})

it('a file that differs on one worker is refused there, with path and worker, and done by another', {
  timeout: BOUND_MS,
}, async () => {
  await using job = await coordinator()
  const other = checkout()
  const path = JSON.parse(reference.toString().split('\n')[7]!).path as string
  appendFileSync(join(other, path), '\n// edited\n')
  const running = job.engine.processRepository(root)
  const returned = Promise.withResolvers<void>()
  const stop = new AbortController()
  const bad = work({
    ledger: job.ledger,
    root: other,
    workerCount: 1,
    signal: stop.signal,
    onEvent: (event) => {
      if (event.type === 'work-committed' && event.returned > 0) returned.resolve()
    },
  })
  await returned.promise
  const good = work({ ledger: job.ledger, root, workerCount: 1, once: true })
  const { books, jobId } = await running
  stop.abort()
  await Promise.all([bad, good])
  expect(books.quarantined).toBe(0)
  expect(readFileSync(job.out).equals(reference)).toBe(true)
  await using ledger = await job.home.openLedger('', { readonly: true })
  const attempts = await ledger.attempts(jobId, 10)
  expect(attempts).toMatchObject([{ path, code: 'FILE_DIFFERS' }])
  expect(attempts[0]!.message).toMatch(new RegExp(`worker .*:${process.pid}:`))
})

it('a worker on another commit stops with a sentence, and its files are done by others', {
  timeout: BOUND_MS,
}, async () => {
  await using job = await coordinator()
  const other = join(folder, 'other-commit')
  plantTree(other, { seed: 10, files: FILES })
  const running = job.engine.processRepository(root)
  await expect(work({ ledger: job.ledger, root: other, workerCount: 1 })).rejects.toMatchObject({
    code: 'CHECKOUT_DIFFERS',
    message: expect.stringContaining('Check out the same commit'),
  })
  await work({ ledger: job.ledger, root, workerCount: 1, once: true })
  await running
  expect(readFileSync(job.out).equals(reference)).toBe(true)
})

it('a worker with another version of a processor is refused at the door', { timeout: BOUND_MS }, async () => {
  await using job = await coordinator({ processors: [join(root, 'node_modules', 'own', 'lines.js')] })
  const other = checkout()
  writeFileSync(join(other, 'node_modules', 'own', 'lines.js'), processorOf(2))
  const running = job.engine.processRepository(root)
  const refused = within(REFUSED_MS, () => work({ ledger: job.ledger, root: other, workerCount: 1, once: true }))
  await expect(refused).rejects.toMatchObject({
    code: 'WORKER_DIFFERS',
    message: expect.stringContaining('processed by lines@1, and this worker has lines@2'),
  })
  await work({ ledger: job.ledger, root: checkout(), workerCount: 1, once: true })
  expect((await running).books.quarantined).toBe(0)
})

it('says how to start a worker where none has joined', { timeout: BOUND_MS }, async () => {
  await using job = await coordinator()
  const told = Promise.withResolvers<string>()
  job.engine.events.subscribe((event) => {
    if (event.type === 'paused') told.resolve(event.reason)
  })
  const stop = new AbortController()
  const running = job.engine.processRepository(root, {}, { signal: stop.signal })
  expect(await told.promise).toBe(
    'no worker has joined yet; start one, on any machine: millrace files work --postgres URL --root DIR',
  )
  stop.abort()
  expect(await running).toMatchObject({ interrupted: true, books: { delivered: 0 } })
})

it('a second coordinator is refused while the first is there, and goes on with its job when it is gone', {
  timeout: BOUND_MS,
}, async () => {
  await using first = await coordinator()
  const stop = new AbortController()
  const running = first.engine.processRepository(root, {}, { signal: stop.signal })
  const leave = new AbortController()
  const committed = Promise.withResolvers<void>()
  const working = work({
    ledger: first.ledger,
    root,
    workerCount: 1,
    signal: leave.signal,
    onEvent({ type }) {
      if (type !== 'work-committed') return
      // So that it is there for as long as the other one needs to be refused.
      first.engine.pause()
      committed.resolve()
    },
  })
  await using _worker = {
    [Symbol.asyncDispose]: () => {
      leave.abort()
      return working
    },
  }
  await committed.promise
  await using home = await Cluster.open({ ledger: first.ledger })
  await using second = new BatchProcessingEngine({ stateDir: join(folder, 'second'), out: first.out }, { home })
  await expect(within(REFUSED_MS, () => second.processRepository(root))).rejects.toMatchObject({ code: 'LEDGER_OWNED' })
  stop.abort()
  const { jobId } = await running
  await first.engine.close()
  const resumed = await second.resumeFailedBatchJob()
  expect(resumed).toMatchObject({ jobId, starts: 2, balanced: true })
  expect(readFileSync(first.out).equals(reference)).toBe(true)
})
