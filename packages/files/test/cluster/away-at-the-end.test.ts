import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Cluster, work } from '../../src/cluster/index.ts'
import type { EngineEvent } from '../../src/engine/events.ts'
import { BatchProcessingEngine } from '../../src/files.ts'
import { plantTree } from '../crash/seeded-tree.ts'
import { embeddedOutput } from './embedded-output.ts'
import { within } from './within.ts'

const BOUND_MS = 180_000
/** A job here takes two seconds; on top come the waits of a breaker, 1 s, 2 s, 4 s …, and a machine that does much else. */
const JOB_MS = 90_000
const SIZES = { batchSize: 20, workerCount: 1 }
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-away-at-end-')))
const root = join(folder, 'tree')
let postgres: TestPostgres
let reference: Buffer

beforeAll(async () => {
  postgres = await startPostgres()
  plantTree(root, { seed: 12, files: 60 })
  reference = await embeddedOutput(root, folder, SIZES)
}, BOUND_MS)
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Killing {
  /** The first event of this type is the moment. */
  readonly at: EngineEvent['type']
  readonly restarts: boolean
  readonly maxPauseSeconds?: number
  readonly onPaused?: (stop: () => void) => void
}

let made = 0

/** Runs a job whose server is killed; gives how it ended, what it told, and its output. */
async function runKilled({ at, restarts, maxPauseSeconds = 300, onPaused = () => {} }: Killing) {
  const ledger = { url: postgres.url, schema: `away_${made++}` }
  const out = join(folder, `${ledger.schema}.jsonl`)
  await using home = await Cluster.open({ ledger })
  const stateDir = join(folder, `state-${ledger.schema}`)
  await using engine = new BatchProcessingEngine({ stateDir, out, maxPauseSeconds, ...SIZES }, { home })
  const told: string[] = []
  const stop = new AbortController()
  let killed: Promise<void> | undefined
  engine.events.subscribe((event) => {
    if (event.type === 'paused' && event.reason.startsWith('PostgreSQL ')) {
      told.push(event.reason)
      onPaused(() => stop.abort())
    }
    if (event.type === at) killed ??= postgres.kill().then(() => (restarts ? postgres.start() : undefined))
  })
  const leave = new AbortController()
  const working = work({ ledger, root, workerCount: 1, signal: leave.signal })
  const running = engine.processRepository(root, {}, { signal: stop.signal })
  const [end] = await within(JOB_MS, () => Promise.allSettled([running]))
  await killed
  if (!restarts) await postgres.start()
  leave.abort()
  await working
  return { end, told, out, ledger, stateDir }
}

it.each(['exporting', 'exported'] as const)(
  'a server that is killed when a job has come to %s is waited for',
  {
    timeout: BOUND_MS,
  },
  async (at) => {
    const { end, told, out } = await runKilled({ at, restarts: true })
    expect(end).toMatchObject({ status: 'fulfilled', value: { balanced: true, interrupted: false } })
    expect(told).toHaveLength(1)
    expect(readFileSync(out).equals(reference)).toBe(true)
  },
)

it.each([
  { how: 'than a pause may last', maxPauseSeconds: 2 },
  { how: 'than its user waits', onPaused: (stop: () => void) => stop() },
])('but no longer $how, and the job can be resumed', { timeout: BOUND_MS }, async ({ how: _, ...options }) => {
  const { end, told, out, ledger, stateDir } = await runKilled({ at: 'exporting', restarts: false, ...options })
  expect(end).toMatchObject({ status: 'rejected', reason: { code: 'LEDGER_UNREACHABLE' } })
  expect(told).toHaveLength(1)
  await using home = await Cluster.open({ ledger })
  await using engine = new BatchProcessingEngine({ stateDir, out, ...SIZES }, { home })
  // There may be nothing left for it: a worker that waited for the end of the job could come when that is over.
  const leave = new AbortController()
  const working = work({ ledger, root, workerCount: 1, signal: leave.signal })
  const resumed = await within(JOB_MS, () => engine.resumeFailedBatchJob())
  leave.abort()
  await working
  expect(resumed).toMatchObject({ balanced: true, starts: 2 })
  expect(readFileSync(out).equals(reference)).toBe(true)
})
