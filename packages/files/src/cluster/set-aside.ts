import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import type { Board, Claim } from './board.ts'
import type { PublishedBatches } from './published-batches.ts'
import { sqlOf } from './transaction-db.ts'

export interface SetAsideOptions {
  readonly database: LedgerDatabase
  readonly board: Board
  /** Of the run, on the board. */
  readonly queue: string
  readonly published: PublishedBatches
  /** Makes a call until it succeeds. */
  readonly insist: <T>(call: () => Promise<T>) => Promise<T>
}

/** Batches that are taken off the board at once. */
const TAKEN_AT_ONCE = 100

/**
 * Published batches that nobody had in hand when the job was paused: off the board meanwhile, so that nobody can claim one, whatever it last knew of
 * the job. They are kept here only, as a coordinator that takes over plans them anew.
 */
export class SetAside {
  readonly #options: SetAsideOptions
  readonly #claims = new Map<number, Claim>()

  constructor(options: SetAsideOptions) {
    this.#options = options
  }

  /** Takes what nobody has in hand off the board. */
  async take(): Promise<void> {
    const { database, board, queue, insist } = this.#options
    for (let count = TAKEN_AT_ONCE; count === TAKEN_AT_ONCE; ) {
      const claims = await insist(() => board.claim(queue, TAKEN_AT_ONCE))
      count = claims.length
      for (const claim of claims) {
        await insist(() => database.transaction(async (client) => void (await board.end(queue, claim, sqlOf(client)))))
        this.#claims.set(claim.order.batchId, claim)
      }
    }
  }

  /**
   * Puts all of it back, each under the number that it had: one that is there after all, as the answer to its end was lost for longer than a lease, stays as
   * it is.
   */
  async putBack(): Promise<void> {
    const { board, queue, published, insist } = this.#options
    const claims = Array.from(this.#claims.values()).filter(({ order }) => published.get(order.batchId) !== undefined)
    // Part of it may be done: by who had it before, or where this call was made already and its answer was lost.
    const orders = claims.map(({ order }) => ({ ...order, begun: true }))
    await insist(() => board.publish(queue, orders, { ids: claims.map(({ id }) => id) }))
    this.#claims.clear()
  }

  /** Forgets it: it is for another start. */
  forget(): void {
    for (const batchId of this.#claims.keys()) this.#options.published.remove(batchId)
    this.#claims.clear()
  }
}
