import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Checkpoint, Ledger, LedgerFile, Met } from '../../../src/ledger/ledger.ts'
import { stampOf } from '../../../src/stamp.ts'
import { aroundLedger } from '../around-ledger.ts'

/** Keeps with a result what the file is when the result is committed, not what it was when it was read. */
export function stampAtCommit(ledger: Ledger): Ledger {
  const paths = new Map<number, string>()
  const note = (files: readonly LedgerFile[]) => {
    for (const { fileId, path } of files) paths.set(fileId, path)
  }
  return aroundLedger(ledger, async (call, proceed, args) => {
    if (call === 'commit') {
      const [jobId, checkpoint] = args as [string, Checkpoint]
      const root = (await ledger.job(jobId))!.root
      const deliveries = checkpoint.deliveries.map((delivery) => {
        const stats = statSync(join(root, paths.get(delivery.fileId)!), { bigint: true })
        return { ...delivery, stamp: stampOf(stats) }
      })
      return ledger.commit(jobId, { ...checkpoint, deliveries })
    }
    const result = await proceed()
    if (call === 'meetFiles') note((result as Met).pending)
    if (call === 'pendingFiles') note(result as readonly LedgerFile[])
    return result
  })
}
