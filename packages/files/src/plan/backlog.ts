import { CostModel } from '@millrace/kernel/learn/cost-model'
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

/** What it costs to read and hash a file whose result may stand, before anything was learned: 0.05 ms, and a microsecond for each KB. */
const REREAD_PRIOR = { baseMs: 0.05, msPerUnit: 0.001 } as const

/** Any file is read and hashed alike. */
const REREAD = 'reread'

/** A file that waits. With the hash of a kept result it is expected to be read only, for mostly its contents are the same. */
type WaitingFile = DiscoveredFile & { readonly knownHash?: string | null }

/** Files of one language and kind cost alike, KB for KB. */
function costKey(file: DiscoveredFile): string {
  return `${file.kind}:${file.language ?? '?'}`
}

/** The files found and not yet in a batch; makes batches of them by what is known of their cost. */
export class Backlog<F extends WaitingFile> {
  readonly #options: BacklogOptions
  /** Apart from the others, whose languages they would teach that files cost nothing. */
  readonly #rereads = new CostModel({ prior: REREAD_PRIOR })
  #files: F[] = []
  #nextBatchId: number

  constructor(options: BacklogOptions) {
    this.#options = options
    this.#nextBatchId = options.firstBatchId ?? 0
  }

  get size(): number {
    return this.#files.length
  }

  /** A number that no batch has had or will have. */
  takeBatchId(): number {
    return this.#nextBatchId++
  }

  add(files: Iterable<F>): void {
    for (const file of files) this.#files.push(file)
  }

  /** Learns what a file took. */
  observe(file: F, bytes: number, ms: number): void {
    this.#options.costs.observe(costKey(file), bytes / 1024, ms)
  }

  /** Learns what it took to read a file whose result stands. */
  observeReread(bytes: number, ms: number): void {
    this.#rereads.observe(REREAD, bytes / 1024, ms)
  }

  /** Makes batches of all that waits, and of `recalled`: files planned before that no worker has had. */
  plan(recalled: Iterable<F>, workers: number, batchSize: number): FileBatch<F>[] {
    this.add(recalled)
    const files = this.#files
    this.#files = []
    const { priorityOf, strategy, wallNow } = this.#options
    const batches = planBatches(files, {
      workers,
      batchSize,
      predictMs: (file: WaitingFile) => this.#predictMs(file),
      priorityOf,
      strategy,
      firstBatchId: this.#nextBatchId,
      createdAt: wallNow(),
    })
    this.#nextBatchId += batches.length
    return batches
  }

  #predictMs(file: WaitingFile): number {
    if (file.knownHash != null) return this.#rereads.predict(REREAD, file.size / 1024)
    return this.#options.costs.predict(costKey(file), file.size / 1024)
  }
}
