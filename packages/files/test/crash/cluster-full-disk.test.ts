import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Cluster, work } from '../../src/cluster/index.ts'
import type { BatchConfig } from '../../src/engine/config.ts'
import { BatchProcessingEngine } from '../../src/files.ts'
import { embeddedOutput } from '../cluster/embedded-output.ts'
import { plantTree } from './seeded-tree.ts'
import { openSmallDisk, type SmallDisk } from './small-disk.ts'

/** Against hangs: a breaker waits for fifteen seconds at most. */
const BOUND_MS = 240_000
/** From the room that is made to the end of the job: the longest wait of a breaker, and the rest of the work. */
const GOES_ON_MS = 60_000
const DISK_MB = 96
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-cluster-full-')))
const root = join(folder, 'tree')
const SIZES: BatchConfig = { batchSize: 10, workerCount: 1 }
let postgres: TestPostgres
let reference: Buffer

beforeAll(async () => {
  postgres = await startPostgres()
  plantTree(root, { seed: 12, files: 1200 })
  reference = await embeddedOutput(root, folder, SIZES)
}, BOUND_MS)
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Has `work` done with a database of which every table and index lies on a disk. */
async function withDatabaseOn(disk: SmallDisk, work: (url: string) => Promise<void>): Promise<void> {
  const space = join(disk.folder, 'space')
  mkdirSync(space)
  spawnSync('chown', ['--reference', postgres.dataFolder, space])
  const admin = new pg.Client(postgres.url)
  await admin.connect()
  await admin.query(`CREATE TABLESPACE small LOCATION '${space}'`)
  await admin.query('CREATE DATABASE small TABLESPACE small')
  try {
    await work(postgres.url.replace(/postgres$/, 'small'))
  } finally {
    disk.makeRoom()
    await admin.query('DROP DATABASE small WITH (FORCE)')
    await admin.query('DROP TABLESPACE small')
    await admin.end()
  }
}

it('a disk of PostgreSQL that is full in the midst of a job is told of, nothing is lost, and the job goes on when there is room', {
  timeout: BOUND_MS,
}, async ({ skip }) => {
  const disk = openSmallDisk(DISK_MB)
  if (typeof disk === 'string') return skip(disk)
  using _ = disk
  await withDatabaseOn(disk, async (url) => {
    const ledger = { url }
    const out = join(folder, 'cluster.jsonl')
    await using home = await Cluster.open({ ledger })
    await using engine = new BatchProcessingEngine({ stateDir: join(folder, 'full'), out, ...SIZES }, { home })
    const told = Promise.withResolvers<string>()
    const tell = (said: string) => {
      if (said.startsWith('The disk of PostgreSQL is full')) told.resolve(said)
    }
    engine.events.subscribe((event) => event.type === 'paused' && tell(event.reason))
    const running = engine.processRepository(root)
    let isFilled = false
    const working = work({
      ledger,
      root,
      workerCount: 1,
      once: true,
      onEvent(event) {
        if (event.type === 'database-away') tell(event.message)
        if (event.type === 'paused') tell(event.reason)
        if (event.type !== 'work-committed' || isFilled) return
        isFilled = true
        disk.fill()
      },
    })
    expect(await told.promise).toContain('/small, schema millrace_files')
    const { delivered } = engine.getProcessingStatistics()
    expect(delivered).toBeLessThan(reference.toString().split('\n').length - 1)
    disk.makeRoom()
    const roomAt = performance.now()
    const { balanced } = await running
    await working
    expect(performance.now() - roomAt).toBeLessThan(GOES_ON_MS)
    expect(balanced).toBe(true)
  })
  expect(readFileSync(join(folder, 'cluster.jsonl')).equals(reference)).toBe(true)
})
