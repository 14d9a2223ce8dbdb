import type { Checkpoint } from '../../../src/ledger/ledger.ts'
import { SqliteLedger } from '../../../src/ledger/sqlite-ledger.ts'

/** A ledger that is wrong on purpose: it says that a batch is in first, then writes its files one transaction at a time. */
export class PiecemealLedger extends SqliteLedger {
  override commit(jobId: string, checkpoint: Checkpoint): void {
    const nothing = { ...checkpoint, complete: false, deliveries: [], quarantined: [], attempts: [], highlights: [] }
    super.commit(jobId, nothing)
    for (const delivery of checkpoint.deliveries) super.commit(jobId, { ...nothing, deliveries: [delivery] })
    for (const quarantined of checkpoint.quarantined) super.commit(jobId, { ...nothing, quarantined: [quarantined] })
    super.commit(jobId, { ...checkpoint, deliveries: [], quarantined: [] })
  }
}
