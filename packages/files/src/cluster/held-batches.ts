import { randomUUID } from 'node:crypto'
import type { BatchOutcome } from '../dispatch/outcome.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'
import type { ClusterFile } from './batch-order.ts'
import type { Claim } from './board.ts'

/** A batch that this worker has claimed. */
export interface HeldBatch {
  readonly claim: Claim
  readonly batch: FileBatch<ClusterFile>
}

/** The batches that a worker has claimed and not ended, and the tokens of what it commits of them. */
export class HeldBatches {
  readonly #held = new Map<FileBatch<ClusterFile>, HeldBatch>()
  readonly #committing = new Set<FileBatch<ClusterFile>>()
  /** By outcome: the same whenever its commit is tried again. */
  readonly #tokens = new WeakMap<BatchOutcome<ClusterFile>, string>()

  get size(): number {
    return this.#held.size
  }

  /** Whether nothing else may be claimed. */
  get hasAlone(): boolean {
    return this.all().some(({ claim }) => claim.order.alone)
  }

  add(held: HeldBatch): void {
    this.#held.set(held.batch, held)
  }

  get(batch: FileBatch<ClusterFile>): HeldBatch | undefined {
    return this.#held.get(batch)
  }

  remove(batch: FileBatch<ClusterFile>): void {
    this.#held.delete(batch)
  }

  /**
   * The claims to show a sign of life of. Those that are in a commit hold by that, and their rows are its own until it ends: a call about them would wait as
   * long, and all other claims with it.
   */
  claims(): readonly Claim[] {
    return this.all().flatMap(({ claim, batch }) => (this.#committing.has(batch) ? [] : [claim]))
  }

  /** Has a commit of a batch made; gives what that gives. Those of one batch come one after another. */
  async committing<T>(batch: FileBatch<ClusterFile>, commit: () => Promise<T>): Promise<T> {
    this.#committing.add(batch)
    try {
      return await commit()
    } finally {
      this.#committing.delete(batch)
    }
  }

  all(): readonly HeldBatch[] {
    return [...this.#held.values()]
  }

  /** The token of an outcome, and whether it has been tried before. */
  token(outcome: BatchOutcome<ClusterFile>): { readonly token: string; readonly again: boolean } {
    const known = this.#tokens.get(outcome)
    if (known !== undefined) return { token: known, again: true }
    const token = randomUUID()
    this.#tokens.set(outcome, token)
    return { token, again: false }
  }
}
