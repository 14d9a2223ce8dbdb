import type { QuarantinedFile } from '../dispatch/outcome.ts'
import type { LedgerFile } from '../ledger/ledger.ts'
import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { unsettledFiles } from '../ledger/postgres/write-checkpoint.ts'
import { orderOf } from './batch-order.ts'
import { type Board, type Claim, LOST_ATTEMPTS, lostOf } from './board.ts'
import type { PublishedBatches } from './published-batches.ts'
import type { Publisher } from './publisher.ts'
import { sqlOf } from './transaction-db.ts'

export interface LostBatchesOptions {
  readonly database: LedgerDatabase
  readonly board: Board
  readonly jobId: string
  readonly epoch: number
  /** Of the run, on the board. */
  readonly queue: string
  readonly published: PublishedBatches
  readonly publisher: Publisher
  /** Makes a call until it succeeds. */
  readonly insist: <T>(call: () => Promise<T>) => Promise<T>
}

/** Batches that are taken off the board at once. */
const TAKEN_AT_ONCE = 100
/** Leases on lost batches are looked at with every so many calls: they are the coordinator's own, and end only where an answer to it was lost. */
const CALLS_A_LOOK = 5

/**
 * Batches whose workers were lost, one after another: whichever of their files does it is alone after some halvings, with workers that have nothing
 * else, and is quarantined when those are lost too. What was only lost beside it never is.
 */
export class LostBatches {
  readonly #options: LostBatchesOptions
  #calls = 0

  constructor(options: LostBatchesOptions) {
    this.#options = options
  }

  /** Takes up what has been lost since the last call. */
  async take(): Promise<void> {
    const { board, queue, insist } = this.#options
    if (++this.#calls % CALLS_A_LOOK === 0) await insist(() => board.supervise(lostOf(queue)))
    for (const lost of await insist(() => board.takeLost(queue, TAKEN_AT_ONCE))) await this.#take(lost)
  }

  async #take(lost: Claim): Promise<void> {
    const { database, jobId, epoch, published, publisher, insist } = this.#options
    const { order } = lost
    const batch = published.get(order.batchId)
    const target = { tables: database.tables, jobId, epoch }
    const ids = order.files.map(({ fileId }) => fileId)
    const open = new Set(batch === undefined ? [] : await insist(() => unsettledFiles(database.pool, target, ids)))
    const left = order.files.filter(({ fileId }) => open.has(fileId))
    const files = left.flatMap(({ fileId }) => published.file(order.batchId, fileId) ?? [])
    if (batch !== undefined && (files.length > 1 || (files.length === 1 && !order.alone))) {
      const middle = Math.ceil(files.length / 2)
      const parts = [files.slice(0, middle), files.slice(middle)].filter((part) => part.length > 0)
      const estimatedMs = batch.estimatedMs / parts.length
      const batches = parts.map((part) => publisher.batchOf(part, batch.priority, estimatedMs))
      for (const part of batches) published.add(part)
      await this.#replace(
        lost,
        batches.map((part) => {
          const ids = new Set(part.files.map(({ fileId }) => fileId))
          const ordered = left.filter(({ fileId }) => ids.has(fileId))
          return orderOf(part, ordered, { begun: true, notFor: order.notFor, alone: ordered.length === 1 })
        }),
      )
    } else {
      const [file] = files
      if (batch !== undefined && file !== undefined) {
        await publisher.quarantine(publisher.batchOf(files, batch.priority, 0), [workerLost(file)], true)
      }
      await this.#replace(lost, [])
    }
    published.remove(order.batchId)
  }

  /**
   * Takes a lost batch off the board and puts others in its place, both or neither. They go there even where the claim on the lost one has run out: once it
   * comes back it is known to be replaced.
   */
  async #replace(lost: Claim, orders: Parameters<Publisher['put']>[0]): Promise<void> {
    const { database, board, queue, publisher } = this.#options
    await publisher.put(orders, (published, ids) =>
      database.transaction(async (client) => {
        const tx = sqlOf(client)
        await board.end(lostOf(queue), lost, tx)
        await board.publish(queue, published, { tx, ids })
      }),
    )
  }
}

function workerLost(file: LedgerFile): QuarantinedFile<LedgerFile> {
  return {
    file,
    code: 'WORKER_LOST',
    message: `${LOST_ATTEMPTS} workers that had this file alone were lost, one after another: nothing was heard of them any more.`,
    attempts: LOST_ATTEMPTS,
    evidence: {},
  }
}
