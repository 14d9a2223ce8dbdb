import type { CostModel } from '@millrace/kernel'
import type { DiscoveredFile } from '../file.ts'
import type { BatchStrategy, FileBatch } from './batch-strategy.ts'
import { planBatches } from './create-optimal-batches.ts'
import type { PriorityFunction } from './priority.ts'

export interface BacklogOptions {
  readonly costs: CostModel
  readonly priorityOf: PriorityFunction
  readonly strategy: BatchStrategy
  /** Its batches have numbers from here on. @default 0 */
  readonly firstBatchId?: number
  /** Milliseconds since the epoch. */
  readonly wallNow: () => number
}

/** What a file costs before anything was learned: a fifth of a millisecond, and a tenth for each KB. */
export const COST_PRIOR = { baseMs: 0.2, msPerUnit: 0.1 } as const

/** Files of one language and kind cost alike, KB for KB. */
function costKey(file: DiscoveredFile): string {
  return `${file.kind}:${file.language ?? '?'}`
}

/** The files found and not yet in a batch; makes batches of them by what is known of their cost. */
export class Backlog<F extends DiscoveredFile> {
  readonly #options: BacklogOptions
  #files: F[] = []
  #nextBatchId: number

  constructor(options: BacklogOptions) {
    this.#options = options
    this.#nextBatchId = options.firstBatchId ?? 0
  }

  get size(): number {
    return this.#files.length
  }

  add(files: Iterable<F>): void {
    for (const file of files) this.#files.push(file)
  }

  /** Learns what a file took. */
  observe(file: F, bytes: number, ms: number): void {
    this.#options.costs.observe(costKey(file), bytes / 1024, ms)
  }

  /** Makes batches of all that waits, and of `recalled`: files planned before that no worker has had. */
  plan(recalled: Iterable<F>, workers: number, batchSize: number): FileBatch<F>[] {
    this.add(recalled)
    const files = this.#files
    this.#files = []
    const { costs, priorityOf, strategy, wallNow } = this.#options
    const batches = planBatches(files, {
      workers,
      batchSize,
      predictMs: (file) => costs.predict(costKey(file), file.size / 1024),
      priorityOf,
      strategy,
      firstBatchId: this.#nextBatchId,
      createdAt: wallNow(),
    })
    this.#nextBatchId += batches.length
    return batches
  }
}
