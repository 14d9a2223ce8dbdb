import type { BatchOutcome } from '../dispatch/outcome.ts'
import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import type { Sql } from '../ledger/postgres/write-checkpoint.ts'
import type { ClusterFile } from './batch-order.ts'

/** A file that a worker has not settled, for its tree is not the coordinator's there. */
export interface ReturnedFile {
  readonly fileId: number
  readonly code: string
  readonly message: string
  /** SHA-256 of the contents it was to have. */
  readonly expectedHash: string
}

/** What one commit of a worker came to, as the coordinator hears of it: all but the records. Plain JSON. */
export interface FedOutcome {
  readonly batchId: number
  /** The number of the worker, and its name. */
  readonly worker: number
  readonly by: string
  /** Whether the worker is through with the batch. */
  readonly complete: boolean
  readonly ms: number
  /** Of each file its id, the bytes read and the milliseconds it took. */
  readonly delivered: readonly (readonly [fileId: number, bytes: number, ms: number])[]
  readonly confirmed: readonly (readonly [fileId: number, bytes: number, ms: number])[]
  readonly quarantined: readonly {
    readonly fileId: number
    readonly code: string
    readonly message: string
    readonly attempts: number
  }[]
  /** Failed tries in all. */
  readonly attempts: number
  readonly returned: readonly ReturnedFile[]
}

/** An outcome as it is fed to the coordinator, but for what went into quarantine and who the worker is. */
export function fedOf(
  outcome: BatchOutcome<ClusterFile>,
  returned: readonly ReturnedFile[],
): Omit<FedOutcome, 'worker' | 'by' | 'quarantined'> {
  const { batch, complete, ms, delivered, confirmed, attempts } = outcome
  return {
    batchId: batch.batchId,
    complete,
    ms,
    delivered: delivered.map(({ file, bytes, ms }) => [file.fileId, bytes, rounded(ms)] as const),
    confirmed: confirmed.map(({ file, bytes, ms }) => [file.fileId, bytes, rounded(ms)] as const),
    attempts: attempts.length,
    returned,
  }
}

/** To the microsecond: the coordinator learns costs from it. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

/** Feeds an outcome to the coordinator of `epoch`, in the transaction of the commit. */
export async function feed(sql: Sql, tables: string, epoch: number, outcome: FedOutcome): Promise<void> {
  await sql.query({
    name: `millrace feed ${tables}`.slice(0, 63),
    text: `INSERT INTO ${tables}.cluster_feed (epoch, outcome) VALUES ($1, $2)`,
    values: [epoch, JSON.stringify(outcome)],
  })
}

/** What has been fed to a coordinator, each outcome once. */
export class Feed {
  readonly #database: LedgerDatabase
  readonly #epoch: number
  /** Taken, and not known to be removed: a removal whose answer was lost is asked for again. */
  #taken: readonly string[] = []

  constructor(database: LedgerDatabase, epoch: number) {
    this.#database = database
    this.#epoch = epoch
  }

  /** Gives what was fed since the last call, in the order of the workers' commits as far as one is before another; and has that removed which the call before gave. */
  async take(): Promise<readonly FedOutcome[]> {
    const { pool, tables } = this.#database
    const { rows } = await pool.query<{ seq: string; outcome: string }>({
      name: `millrace take ${tables}`.slice(0, 63),
      text: `WITH gone AS (DELETE FROM ${tables}.cluster_feed WHERE epoch < $1 OR seq = ANY ($2::int8[]))
SELECT seq, outcome FROM ${tables}.cluster_feed WHERE epoch = $1 AND seq <> ALL ($2::int8[]) ORDER BY seq`,
      values: [this.#epoch, this.#taken],
    })
    this.#taken = rows.map(({ seq }) => seq)
    return rows.map(({ outcome }) => JSON.parse(outcome) as FedOutcome)
  }
}
