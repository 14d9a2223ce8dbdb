import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDatabase } from '../../src/ledger/open-database.ts'
import { SqliteLedger } from '../../src/ledger/sqlite-ledger.ts'
import { byStamp, checkpoint, chunk, delivery, foundFiles, jobSpec, owned, owner, temporaryFolder } from './samples.ts'

const FILES = 5000

it('writes nothing where nothing has changed', () => {
  using folder = temporaryFolder()
  using db = openDatabase(folder.path, false)
  const ledger = new SqliteLedger(db, owned)
  const logBytes = () => statSync(join(folder.path, 'ledger.db-wal')).size
  const stretches = Array.from({ length: FILES / 1000 }, (_, n) => chunk(foundFiles(1000, n * 1000)))
  const start = () => {
    const jobId = ledger.enqueueJob(jobSpec)
    ledger.startJob(jobId, owner, 1)
    return jobId
  }
  const first = start()
  const pending = stretches.flatMap((stretch) => ledger.meetFiles(first, stretch, byStamp).pending)
  // The last is left unsettled: what waits already is no change either.
  const deliveries = pending.slice(0, -1).map(({ fileId }) => delivery(fileId))
  ledger.commit(first, checkpoint(0, { deliveries }))

  const jobId = start()
  const before = logBytes()
  const met = stretches.map((stretch) => ledger.meetFiles(jobId, stretch, byStamp))
  expect(logBytes()).toBe(before)
  expect(met.reduce((sum, { unchanged }) => sum + unchanged, 0)).toBe(FILES - 1)
  expect(met.flatMap(({ pending }) => pending)).toHaveLength(1)

  const verifying = start()
  const started = logBytes()
  const checked = stretches.flatMap(
    (stretch) => ledger.meetFiles(verifying, stretch, { ...byStamp, reuse: 'hash' }).pending,
  )
  expect(checked).toHaveLength(FILES)
  expect(logBytes()).toBe(started)
  // And one that has changed is told by the same measure.
  start()
  expect(logBytes()).toBeGreaterThan(before)
})
