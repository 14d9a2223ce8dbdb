import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { LEASE_SECONDS } from '../../src/cluster/board.ts'
import type { Reference } from './audit.ts'
import { ClusterScene } from './cluster-scene.ts'
import { referenceOf } from './crash-series.ts'
import { openCutLine } from './cut-line.ts'
import { plantTree } from './seeded-tree.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
const FILES = 600
const BATCH_SIZE = 10
/** Longer than the lease and the time in which it is noticed. */
const CUT_MS = slow ? 30_000 : (LEASE_SECONDS + 4) * 1000
const BOUND_MS = 240_000

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-cluster-cut-')))
const root = join(folder, 'tree')
let postgres: TestPostgres
let reference: Reference

beforeAll(async () => {
  plantTree(root, { seed: 5, files: FILES })
  postgres = await startPostgres()
  reference = await referenceOf(root, { batchSize: BATCH_SIZE, workerCount: 2 })
}, BOUND_MS)
afterAll(async () => {
  await postgres.stop()
  rmSync(folder, { recursive: true, force: true })
}, BOUND_MS)

it('what a worker had that was cut off is done by others, and what it brings late is refused', {
  timeout: BOUND_MS,
}, async () => {
  await using line = await openCutLine(postgres.port)
  const cutOff = postgres.url.replace(`:${postgres.port}/`, `:${line.port}/`)
  const cut = Promise.withResolvers<number>()
  using scene = new ClusterScene({
    url: postgres.url,
    root,
    batchSize: BATCH_SIZE,
    workers: 2,
    urlOf: (place) => (place === 0 ? cutOff : postgres.url),
    onCommit(_, place) {
      // It has more in hand: it claims ahead.
      if (place !== 0) return
      line.cut()
      cut.resolve(performance.now())
    },
  })
  const cutAt = await cut.promise
  const ended = await scene.ended
  // The job did not wait for it to come back.
  expect(performance.now() - cutAt).toBeLessThan(CUT_MS + 30_000)
  expect(ended.books).toEqual(reference.books)
  const output = scene.output()
  expect(output.equals(reference.output)).toBe(true)
  await pause(Math.max(0, CUT_MS - (performance.now() - cutAt)))
  line.mend()
  await scene.lostAtLeast(1)
  expect(scene.output().equals(output)).toBe(true)
})
