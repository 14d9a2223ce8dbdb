import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '@millrace/kernel/seeded-random'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Reference } from './audit.ts'
import { ClusterScene } from './cluster-scene.ts'
import { referenceOf } from './crash-series.ts'
import { plantTree } from './seeded-tree.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
const FILES = slow ? 20_000 : 1000
const KILLS = slow ? 50 : 6
const RESTARTS = slow ? 2 : 1
const WORKERS = 4
const BATCH_SIZE = slow ? 50 : 10
const SEED = Number(process.env.MILLRACE_CRASH_SEED ?? 20_261_122)
const BOUND_MS = slow ? 30 * 60_000 : 240_000

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-cluster-tree-')))
const root = join(folder, 'tree')
let postgres: TestPostgres
let reference: Reference

beforeAll(async () => {
  plantTree(root, { seed: SEED, files: FILES })
  postgres = await startPostgres()
  reference = await referenceOf(root, { batchSize: BATCH_SIZE, workerCount: 2 })
}, BOUND_MS)
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
}, BOUND_MS)

it(`${KILLS} kills of coordinator and workers, and a database that is restarted: nothing is lost, nothing is there twice`, {
  timeout: BOUND_MS,
}, async () => {
  const random = seededRandom(SEED)
  const commitsInAll = (2 * FILES) / BATCH_SIZE
  const events = [...Array(KILLS).fill('kill'), ...Array(RESTARTS).fill('restart')] as ('kill' | 'restart')[]
  // At commits that lie somewhere in the first three quarters of the job.
  const plan = events
    .map((what) => ({ what, at: 4 + Math.floor(random() * commitsInAll * 0.75), draw: random() }))
    .sort((a, b) => a.at - b.at)
  const restarts: Promise<void>[] = []
  using scene = new ClusterScene({
    url: postgres.url,
    root,
    batchSize: BATCH_SIZE,
    workers: WORKERS,
    onCommit(scene, place) {
      while (plan[0] !== undefined && scene.commits >= plan[0].at) {
        const { what, draw } = plan[0]
        if (what === 'restart') restarts.push(postgres.restart())
        else if (draw >= 0.3 || !scene.killCoordinator()) {
          // Where all are being started anew, it is for the next commit.
          if (!scene.killWorker((place + Math.floor(draw * WORKERS)) % WORKERS)) return
        }
        plan.shift()
      }
    },
  })
  const { books, balanced } = await scene.ended
  await Promise.all(restarts)
  const again = `seed ${SEED}: ${scene.coordinatorsKilled} coordinators and ${scene.workersKilled} workers were killed`
  expect(plan, again).toEqual([])
  expect(scene.coordinatorsKilled + scene.workersKilled, again).toBe(KILLS)
  expect(balanced, again).toBe(true)
  expect(books, again).toEqual(reference.books)
  expect(scene.output().equals(reference.output), again).toBe(true)
})
