import { randomUUID } from 'node:crypto'
import type { QuarantinedFile } from '../dispatch/outcome.ts'
import type { CrewOptions, JobWork } from '../engine/crew.ts'
import type { LedgerFile } from '../ledger/ledger.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'
import type { BatchPriority } from '../plan/priority.ts'
import type { FileFailed } from '../worker/executor.ts'
import { type BatchOrder, orderOf } from './batch-order.ts'
import type { Board } from './board.ts'
import { lookAt } from './expected-contents.ts'
import type { PublishedBatches } from './published-batches.ts'

export interface PublisherOptions {
  readonly crew: CrewOptions
  readonly work: JobWork
  readonly board: Board
  /** Of the run, on the board. */
  readonly queue: string
  readonly published: PublishedBatches
  /** Makes a call until it succeeds. */
  readonly insist: <T>(call: () => Promise<T>) => Promise<T>
}

/** Puts a coordinator's batches on the board, each with what its files contain here, and settles what no worker can be asked for. */
export class Publisher {
  readonly #options: PublisherOptions

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /** Publishes a batch, but for files that cannot be read here: nobody is asked for those. */
  async publish(batch: FileBatch<LedgerFile>, how?: Partial<Pick<BatchOrder, 'begun' | 'notFor'>>): Promise<void> {
    const { crew, board, queue, published } = this.#options
    const { files, failed } = await lookAt(crew.root, batch.files, crew.config().maxFileBytes)
    if (failed.length > 0) await this.#settleUnreadable(batch, failed, files.length === 0)
    if (files.length === 0) return
    published.add(batch)
    await this.put([orderOf(batch, files, how)], (orders, ids) => board.publish(queue, orders, { ids }))
  }

  /** Makes a call that publishes, and again where its answer was lost: what was put up by then may have been begun. */
  async put(
    orders: readonly BatchOrder[],
    publish: (orders: readonly BatchOrder[], ids: readonly string[]) => Promise<void>,
  ): Promise<void> {
    const ids = orders.map(() => randomUUID())
    let tried = false
    await this.#options.insist(() => {
      const now = tried ? orders.map((order) => ({ ...order, begun: true })) : orders
      tried = true
      return publish(now, ids)
    })
  }

  /** Settles files of a batch here. */
  async quarantine(
    batch: FileBatch<LedgerFile>,
    quarantined: readonly QuarantinedFile<LedgerFile>[],
    complete: boolean,
  ): Promise<void> {
    const { work, insist } = this.#options
    const attempts = quarantined.map(({ file, code, message, attempts }) => ({
      file,
      attempt: attempts,
      code,
      message,
      ms: 0,
    }))
    const nothing = { delivered: [], confirmed: [], highlights: [] }
    const outcome = { batch, worker: 0, complete, ms: 0, ...nothing, quarantined, attempts }
    await insist(() => work.commit(outcome))
    work.onDurable(outcome)
  }

  /** A batch, made of files that came back of others. */
  batchOf(files: readonly LedgerFile[], priority: BatchPriority, estimatedMs: number): FileBatch<LedgerFile> {
    const { crew, work } = this.#options
    const totalSize = files.reduce((sum, { size }) => sum + size, 0)
    return { batchId: work.nextBatchId(), files, totalSize, estimatedMs, priority, createdAt: crew.clock.wallNow() }
  }

  async #settleUnreadable(
    batch: FileBatch<LedgerFile>,
    failed: readonly { readonly file: LedgerFile; readonly failure: FileFailed }[],
    complete: boolean,
  ): Promise<void> {
    const quarantined = failed.map(({ file, failure: { code, message, evidence } }) => ({
      file,
      code,
      message,
      attempts: 1,
      evidence,
    }))
    await this.quarantine(batch, quarantined, complete)
  }
}
