import { writeSync } from 'node:fs'
import { openDatabase } from '../../src/ledger/open-database.ts'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { PiecemealLedger } from './mutants/piecemeal-ledger.ts'
import { byStamp, checkpoint, chunk, delivery, foundFiles, jobSpec, owned, owner, quarantined } from './samples.ts'

// Commits batch after batch until it is killed, and prints the number of each when it is acknowledged.
// node committing-child.ts STATE_DIR BATCH_FILES [piecemeal]

const [stateDir = '', batchFiles = '', variant] = process.argv.slice(2)
const size = Number(batchFiles)
const ledger =
  variant === 'piecemeal' ? new PiecemealLedger(openDatabase(stateDir, false), owned) : await openLedger(stateDir)
await ledger.tryOwn()
const jobId = await ledger.enqueueJob(jobSpec)
await ledger.startJob(jobId, owner, 1)

for (let batchId = 0; ; batchId++) {
  const { pending } = await ledger.meetFiles(jobId, chunk(foundFiles(size, batchId * size)), byStamp)
  const ids = pending.map(({ fileId }) => fileId)
  const [poison = 0, ...good] = ids
  const deliveries = good.map((id) => ({
    ...delivery(id),
    record: JSON.stringify({ file: id, text: 'x'.repeat(2000) }),
  }))
  await ledger.commit(jobId, checkpoint(batchId, { deliveries, quarantined: [quarantined(poison)] }))
  writeSync(1, `${batchId}\n`)
}
