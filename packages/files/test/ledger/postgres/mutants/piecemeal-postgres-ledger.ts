import type { Checkpoint } from '../../../../src/ledger/ledger.ts'
import { PostgresLedger } from '../../../../src/ledger/postgres/postgres-ledger.ts'

/** A ledger that is wrong on purpose: it commits what a batch has delivered before it says so of the rest. */
export class PiecemealPostgresLedger extends PostgresLedger {
  override async commit(jobId: string, checkpoint: Checkpoint): Promise<readonly number[]> {
    const { deliveries, ...rest } = checkpoint
    const nothing = { confirmed: [], quarantined: [], attempts: [], highlights: [] }
    const gone = await super.commit(jobId, { ...rest, ...nothing, deliveries, complete: false })
    return [...gone, ...(await super.commit(jobId, { ...rest, deliveries: [] }))]
  }
}
