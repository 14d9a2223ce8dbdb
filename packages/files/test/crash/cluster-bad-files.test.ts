import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LEASE_SECONDS, LOST_ATTEMPTS } from '../../src/cluster/board.ts'
import { Cluster, openPostgresLedger, work } from '../../src/cluster/index.ts'
import type { BatchConfig } from '../../src/engine/config.ts'
import type { RepositoryProcessingResult } from '../../src/engine/result.ts'
import { BatchProcessingEngine } from '../../src/files.ts'
import { ClusterScene } from './cluster-scene.ts'
import { takenFiles } from './independent-walk.ts'
import { plantTree } from './seeded-tree.ts'

const KILLERS = fileURLToPath(new URL('./processors/killers.ts', import.meta.url))
const NARROW_GRAMMAR = fileURLToPath(new URL('./processors/narrow-grammar.ts', import.meta.url))
const USURPER = fileURLToPath(new URL('./processors/usurper.ts', import.meta.url))
const TALLY = fileURLToPath(new URL('./processors/tally.ts', import.meta.url))
const FILES = 150
const MEGABYTE = 1024 * 1024
const HEAP_MB = 256
const DEADLINE_SECONDS = 8
/** Each bad file costs at most three deadlines, and there are two workers with two processes each; the rest is for a machine that does much else. */
const JOB_BOUND_MS = 90_000
const BOUND_MS = 540_000

/** What is said of each of them; which end the largest ones bring about, and after how long, is the machine's. */
const EXPECTED: Readonly<Record<string, unknown>> = {
  'a nest.js': 'WORKER_CRASHED',
  'endless.js': 'FILE_DEADLINE',
  'huge.py': expect.stringMatching(/^(WORKER_CRASHED|FILE_DEADLINE)$/),
  'latin-1.php': 'FILE_NOT_UTF8',
  'nul.go': 'FILE_BINARY',
  'utf-16.java': 'FILE_NOT_UTF8',
  'one-line.js': expect.stringMatching(/^(FILE_MEMORY|FILE_DEADLINE|WORKER_CRASHED)$/),
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-cluster-bad-')))
const root = join(folder, 'tree')
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres()
  plantTree(root, { seed: 3, files: FILES, broken: 0, json: false })
  const bad: Readonly<Record<string, string | Uint8Array>> = {
    'a nest.js': '['.repeat(200_000),
    'endless.js': 'for (;;) {}\n',
    'huge.py': 'wave();'.repeat(500_000),
    'latin-1.php': Buffer.from('<?php $é = 1;', 'latin1'),
    'nul.go': 'package a\0',
    'utf-16.java': Buffer.from('\ufeffclass A {}', 'utf16le'),
    'one-line.js': Buffer.alloc(200 * MEGABYTE, 'wave();'),
  }
  for (const [path, contents] of Object.entries(bad)) writeFileSync(join(root, path), contents)
}, BOUND_MS)
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

const facts = ({ quarantined }: RepositoryProcessingResult) =>
  quarantined
    .filter(({ path }) => typeof EXPECTED[path] === 'string')
    .map(({ path, code, attempts }) => ({ path, code, attempts }))

it('bad files cost themselves alone on many machines too, after as many attempts as on one, and within bounds', {
  timeout: BOUND_MS,
}, async () => {
  const config: BatchConfig = {
    processors: [KILLERS, NARROW_GRAMMAR, 'syntax'],
    batchSize: 10,
    timeoutSeconds: DEADLINE_SECONDS,
    maxFileBytes: 256 * MEGABYTE,
  }
  const ofWorkers = { workerHeapMb: HEAP_MB, workerCount: 2 }
  const place = (name: string) => ({ stateDir: join(folder, name), out: join(folder, `${name}.jsonl`) })
  await using embedded = new BatchProcessingEngine({ ...config, ...ofWorkers, ...place('embedded') })
  const alone = await embedded.processRepository(root)

  const ledger = { url: postgres.url, schema: 'bad_files' }
  await using home = await Cluster.open({ ledger })
  await using engine = new BatchProcessingEngine({ ...config, ...place('cluster') }, { home })
  const began = performance.now()
  const running = engine.processRepository(root)
  const { workerCount, ...own } = ofWorkers
  await Promise.all([1, 2].map(() => work({ ledger, root, workerCount, once: true, config: own })))
  const together = await running
  expect(performance.now() - began).toBeLessThan(JOB_BOUND_MS)

  expect(Object.fromEntries(together.quarantined.map(({ path, code }) => [path, code]))).toEqual(EXPECTED)
  expect(facts(together)).toEqual(facts(alone))
  expect(together.balanced).toBe(true)
  expect(together.books).toEqual(alone.books)
  const output = readFileSync(place('cluster').out)
  expect(output.equals(readFileSync(place('embedded').out))).toBe(true)
  const delivered = output
    .toString()
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { path: string }).path)
  expect(delivered).toEqual(takenFiles(root).filter((path) => !Object.hasOwn(EXPECTED, path)))
})

/** Losses of its batch, beside others, and then of it alone. */
const LOSSES = 2 * LOST_ATTEMPTS

it('a file that takes the worker with it, whatever machine has it, is in quarantine at last, and nothing that was lost beside it', {
  timeout: BOUND_MS,
}, async () => {
  const tree = join(folder, 'small')
  plantTree(tree, { seed: 4, files: 40, broken: 0, json: false })
  writeFileSync(join(tree, 'usurper.js'), '')
  let doneMeanwhile = 0
  const began = performance.now()
  using scene = new ClusterScene({
    url: postgres.url,
    root: tree,
    batchSize: 1,
    workers: 2,
    processors: [USURPER, TALLY],
    onCommit() {
      if (scene.workersDied < LOSSES) doneMeanwhile++
    },
  })
  const { books, balanced } = await scene.ended
  // Each time until the lease is over and that is noticed, and starts of processes on a machine that does much else.
  expect(performance.now() - began).toBeLessThan(LOSSES * (LEASE_SECONDS + 2) * 1000 + 60_000)
  expect(scene.workersDied).toBe(LOSSES)
  // Nothing else has waited for it.
  expect(doneMeanwhile).toBe(scene.commits)
  expect(balanced).toBe(true)
  const taken = takenFiles(tree)
  expect(books).toMatchObject({ delivered: taken.length - 1, quarantined: 1 })
  await using ledger = await openPostgresLedger({ url: postgres.url, readonly: true })
  const jobId = (await ledger.job())!.jobId
  expect(await ledger.quarantine(jobId)).toMatchObject([
    { path: 'usurper.js', code: 'WORKER_LOST', attempts: LOST_ATTEMPTS },
  ])
})
