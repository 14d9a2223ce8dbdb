import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { BatchOutcome } from '../dispatch/outcome.ts'
import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { unsettledFiles } from '../ledger/postgres/write-checkpoint.ts'
import { batchOf, type ClusterFile } from './batch-order.ts'
import type { Board, Claim } from './board.ts'
import type { HeldBatches } from './held-batches.ts'
import type { Run } from './run-row.ts'
import { sqlOf } from './transaction-db.ts'

export interface ClaimDeskOptions {
  readonly database: LedgerDatabase
  readonly board: Board
  readonly run: Pick<Run, 'queue' | 'jobId' | 'epoch'>
  readonly worker: { readonly name: string }
  readonly held: HeldBatches
  readonly dispatcher: Pick<Dispatcher<ClusterFile>, 'enqueue' | 'withdraw'>
  /** Commits what a batch came to. */
  readonly commit: (outcome: BatchOutcome<ClusterFile>) => Promise<void>
}

/** A batch that this worker cannot begin is passed on, and can be claimed after so long, seconds. */
export const PASSED_ON_S = 1

/** What came of a claim: something was begun, or there were only batches that others have to begin, or there was nothing. */
export type Claimed = 'begun' | 'passed-on' | 'nothing'

/**
 * Where a worker's batches come from the board and go back to it.
 *
 * A batch that is to be alone is begun by a worker that has nothing else in hand, which takes nothing else until it is through: if this worker is lost
 * then, nothing else can be to blame, and nothing else is lost with it.
 */
export class ClaimDesk {
  readonly #options: ClaimDeskOptions

  constructor(options: ClaimDeskOptions) {
    this.#options = options
  }

  /**
   * Claims at most `room` batches and has them begun. Who has only passed on has to leave others the time to claim it: asking again as soon as
   * it can be had, it could be the first to find it, again and again.
   */
  async claim(room: number): Promise<Claimed> {
    const { board, run, held } = this.#options
    const mine: Claim[] = []
    const claims = await board.claim(run.queue, room)
    // What is passed on is gone before anything is begun: a file that takes this worker with it must not take a batch that is to be alone.
    for (const claim of claims) {
      if (this.#isForOthers(claim, mine.length)) await this.#passOn(claim, PASSED_ON_S)
      else if (held.hasAlone || mine.some(({ order }) => order.alone)) await this.#passOn(claim, 0)
      else mine.push(claim)
    }
    for (const claim of mine) await this.#take(claim)
    if (mine.length > 0) return 'begun'
    return claims.length > 0 ? 'passed-on' : 'nothing'
  }

  /** Gives back at most `count` batches of those that have not been begun: others may have nothing to do. */
  async giveBack(count: number): Promise<void> {
    const { held, dispatcher } = this.#options
    if (count <= 0) return
    const withdrawn = dispatcher.withdraw(count)
    for (let batch = withdrawn.at(-1); batch !== undefined; batch = withdrawn.at(-1)) {
      const claim = held.get(batch)?.claim
      try {
        if (claim !== undefined) await this.#passOn(claim, 0)
      } catch (error) {
        dispatcher.enqueue(withdrawn)
        throw error
      }
      held.remove(batch)
      withdrawn.pop()
    }
  }

  /** Gives back all there is, as nobody works at it any more. */
  async giveBackAll(): Promise<void> {
    const { held } = this.#options
    for (const { claim, batch } of held.all()) {
      await this.#passOn(claim, 0)
      held.remove(batch)
    }
  }

  #isForOthers({ order }: Claim, taken: number): boolean {
    const { worker, held } = this.#options
    return order.notFor.includes(worker.name) || (order.alone && held.size + taken > 0)
  }

  async #take(claim: Claim): Promise<void> {
    const { database, run, held, dispatcher, commit } = this.#options
    const { order } = claim
    let open: ReadonlySet<number> | undefined
    if (order.begun || claim.attempt > 0) {
      const target = { tables: database.tables, jobId: run.jobId, epoch: run.epoch }
      const ids = order.files.map(({ fileId }) => fileId)
      open = new Set(await unsettledFiles(database.pool, target, ids))
    }
    const batch = batchOf(order, ({ fileId }) => open?.has(fileId) ?? true)
    held.add({ claim, batch })
    if (batch.files.length > 0) dispatcher.enqueue([batch])
    else await commit(nothingOf(batch))
  }

  /** Puts a batch back on the board as one that nobody has. */
  async #passOn(claim: Claim, waitSeconds: number): Promise<void> {
    const { database, board, run } = this.#options
    await database.transaction(async (client) => {
      const tx = sqlOf(client)
      if (!(await board.end(run.queue, claim, tx))) return
      await board.publish(run.queue, [{ ...claim.order, begun: true }], { tx, waitSeconds })
    })
  }
}

function nothingOf(batch: BatchOutcome<ClusterFile>['batch']): BatchOutcome<ClusterFile> {
  const none = { delivered: [], confirmed: [], quarantined: [], attempts: [], highlights: [] }
  return { batch, worker: 0, complete: true, ms: 0, ...none }
}
