import type { Checkpoint } from '../../../src/ledger/ledger.ts'
import { SqliteLedger } from '../../../src/ledger/sqlite-ledger.ts'

/** A ledger that is wrong on purpose: it says that a batch is in first, then writes its files one transaction at a time. */
export class PiecemealLedger extends SqliteLedger {
  override commit(jobId: string, checkpoint: Checkpoint): number[] {
    const { deliveries, confirmed, quarantined } = checkpoint
    const settled = { deliveries: [], confirmed: [], quarantined: [] }
    const nothing = { ...checkpoint, ...settled, complete: false, attempts: [], highlights: [] }
    super.commit(jobId, nothing)
    const gone = [
      ...deliveries.flatMap((delivery) => super.commit(jobId, { ...nothing, deliveries: [delivery] })),
      ...confirmed.flatMap((confirmation) => super.commit(jobId, { ...nothing, confirmed: [confirmation] })),
      ...quarantined.flatMap((poison) => super.commit(jobId, { ...nothing, quarantined: [poison] })),
    ]
    return [...gone, ...super.commit(jobId, { ...checkpoint, ...settled })]
  }
}
