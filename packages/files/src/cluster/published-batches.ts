import type { DurableOutcome } from '../dispatch/durable-outcome.ts'
import type { LedgerFile } from '../ledger/ledger.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'
import type { FedOutcome } from './feed.ts'

/** The batches that are on the board, or in a worker's hands, and what is known of their files. */
export class PublishedBatches {
  readonly #batches = new Map<number, FileBatch<LedgerFile>>()
  readonly #filesOf = new WeakMap<FileBatch<LedgerFile>, ReadonlyMap<number, LedgerFile>>()

  get size(): number {
    return this.#batches.size
  }

  add(batch: FileBatch<LedgerFile>): void {
    this.#batches.set(batch.batchId, batch)
    this.#filesOf.set(batch, new Map(batch.files.map((file) => [file.fileId, file])))
  }

  get(batchId: number): FileBatch<LedgerFile> | undefined {
    return this.#batches.get(batchId)
  }

  remove(batchId: number): void {
    this.#batches.delete(batchId)
  }

  file(batchId: number, fileId: number): LedgerFile | undefined {
    const batch = this.#batches.get(batchId)
    return batch === undefined ? undefined : this.#filesOf.get(batch)?.get(fileId)
  }

  /** What a worker fed, about the files as the coordinator knows them; undefined where it is of no batch of this start. */
  outcome(fed: FedOutcome): DurableOutcome<LedgerFile> | undefined {
    const batch = this.#batches.get(fed.batchId)
    if (batch === undefined) return undefined
    const files = this.#filesOf.get(batch)!
    const timed = (list: FedOutcome['delivered']) =>
      list.flatMap(([fileId, bytes, ms]) => {
        const file = files.get(fileId)
        return file === undefined ? [] : [{ file, bytes, ms }]
      })
    return {
      batch,
      worker: fed.worker,
      complete: fed.complete,
      ms: fed.ms,
      delivered: timed(fed.delivered),
      confirmed: timed(fed.confirmed),
      quarantined: fed.quarantined.flatMap(({ fileId, ...rest }) => {
        const file = files.get(fileId)
        return file === undefined ? [] : [{ file, ...rest }]
      }),
      attempts: { length: fed.attempts },
    }
  }
}
