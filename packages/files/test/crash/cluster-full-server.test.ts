import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { createConnection } from 'node:net'
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

/** Of each test: all that is waited for has an end by itself before. */
const BOUND_MS = 180_000
/** Of what a server has in an empty database 40 MB are its data, and 32 the least that it keeps of its log. */
const DISK_MB = 192
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-full-server-')))
const root = join(folder, 'tree')
const SIZES: BatchConfig = { batchSize: 10, workerCount: 1 }
const disk = openSmallDisk(DISK_MB)
let postgres: TestPostgres | undefined
let reference: Buffer

beforeAll(async () => {
  if (typeof disk === 'string') return
  postgres = await startPostgres({
    settings: { min_wal_size: '32MB', max_wal_size: '48MB', wal_recycle: 'off' },
    makeData: async (made) => {
      const data = join(disk.folder, 'data')
      const template = join(tmpdir(), 'millrace-postgres-template-18', 'data')
      cpSync(template, data, { recursive: true, preserveTimestamps: true })
      spawnSync('sh', ['-c', 'chown -R --reference="$1" "$2"; chmod 755 "$3"', 'sh', template, data, disk.folder])
      symlinkSync(data, made)
    },
  })
  plantTree(root, { seed: 13, files: 1200 })
  reference = await embeddedOutput(root, folder, SIZES)
}, BOUND_MS)
afterAll(async () => {
  await postgres?.stop()
  if (typeof disk !== 'string') disk[Symbol.dispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Leaves no byte to the server, and has it write its log until it gives up. */
async function ruin({ url, port }: TestPostgres, small: SmallDisk): Promise<void> {
  small.fill()
  const admin = new pg.Client(url)
  admin.on('error', () => {})
  await admin.connect()
  const switches = async () => {
    for (let times = 0; times < 100; times++)
      await admin.query('SELECT pg_switch_wal(), pg_logical_emit_message(false, $1, $2)', ['', 'x'])
  }
  await expect(switches()).rejects.toThrow()
  await admin.end().catch(() => {})
  await expect.poll(() => answers(port), { timeout: 60_000 }).toBe(false)
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.on('error', () => resolve(false)).on('connect', () => resolve(true))
    socket.on('connect', () => socket.destroy())
  })
}

it('a server whose whole disk is full ends itself; job and worker say so and wait, and when it is there again all goes on, and nothing is lost', {
  timeout: BOUND_MS,
}, async ({ skip }) => {
  if (typeof disk === 'string' || postgres === undefined) return skip(String(disk))
  const server = postgres
  const ledger = { url: server.url }
  const out = join(folder, 'cluster.jsonl')
  await using home = await Cluster.open({ ledger })
  await using engine = new BatchProcessingEngine({ stateDir: join(folder, 'full'), out, ...SIZES }, { home })
  const job = Promise.withResolvers<string>()
  engine.events.subscribe(
    (event) => event.type === 'paused' && /PostgreSQL/.test(event.reason) && job.resolve(event.reason),
  )
  const running = engine.processRepository(root)
  const worker = Promise.withResolvers<string>()
  const began = Promise.withResolvers<void>()
  const working = work({
    ledger,
    root,
    workerCount: 1,
    once: true,
    onEvent(event) {
      if (event.type === 'database-away') worker.resolve(event.message)
      if (event.type === 'work-committed') began.resolve()
    },
  })
  await began.promise
  await ruin(server, disk)
  expect(await job.promise).toMatch(/PostgreSQL/)
  expect(await worker.promise).toMatch(/PostgreSQL .*goes on by itself/)
  const { delivered } = engine.getProcessingStatistics()
  expect(delivered).toBeLessThan(reference.toString().split('\n').length - 1)

  disk.makeRoom()
  await server.start()
  const { balanced } = await running
  await working
  expect(balanced).toBe(true)
  expect(readFileSync(out).equals(reference)).toBe(true)
})

it('job and worker that have waited as long as they may for such a server end with a sentence, and others go on with it later', {
  timeout: BOUND_MS,
}, async ({ skip }) => {
  if (typeof disk === 'string' || postgres === undefined) return skip(String(disk))
  const server = postgres
  const out = join(folder, 'resumed.jsonl')
  const config = { stateDir: join(folder, 'short'), out, ...SIZES, maxPauseSeconds: 2, reuse: 'none' } as const
  const began = Promise.withResolvers<void>()
  const order = { ledger: { url: server.url }, root, workerCount: 1, once: true }
  const ends = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    )
  const worker = ends(work({ ...order, onEvent: (event) => event.type === 'work-committed' && began.resolve() }))
  {
    await using home = await Cluster.open({ ledger: order.ledger })
    await using engine = new BatchProcessingEngine(config, { home })
    const job = ends(engine.processRepository(root))
    await began.promise
    await ruin(server, disk)
    const gaveUp = {
      code: expect.stringMatching(/^LEDGER_(UNREACHABLE|WRITE_FAILED)$/),
      message: expect.stringContaining('PostgreSQL'),
    }
    expect([await job, await worker]).toMatchObject([gaveUp, gaveUp])
  }
  disk.makeRoom()
  await server.start()
  await using home = await Cluster.open({ ledger: order.ledger })
  await using engine = new BatchProcessingEngine({ maxPauseSeconds: 60, stateDir: config.stateDir }, { home })
  const resumed = engine.resumeFailedBatchJob()
  await work(order)
  const { balanced, starts } = await resumed
  expect([balanced, starts]).toEqual([true, 2])
  expect(readFileSync(out).equals(reference)).toBe(true)
})
