import { partition } from '@millrace/kernel/batch/partition'
import { MillraceError } from '@millrace/kernel/errors'
import type { DiscoveredFile } from '../file.ts'
import type { BatchPriority } from './priority.ts'

/** Files that one worker takes in hand together. */
export interface FileBatch<F extends DiscoveredFile = DiscoveredFile> {
  /** Whole number, each once in a job. */
  readonly batchId: number
  /** In the order they are processed: largest predicted cost first. */
  readonly files: readonly F[]
  /** Bytes. */
  readonly totalSize: number
  /** Predicted time in one worker, milliseconds. */
  readonly estimatedMs: number
  readonly priority: BatchPriority
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** What a strategy may know when it forms batches. */
export interface PlanContext {
  /** Workers that will take the batches. */
  readonly workers: number
  /** Most files in a batch. */
  readonly batchSize: number
  /** Predicted cost of each file given, milliseconds, in the same order. */
  readonly costs: Float64Array
  /** Predicted cost of the files that will follow these (lower priorities), milliseconds. */
  readonly costAfter: number
}

/**
 * How files of one priority become batches.
 *
 * `plan` gets files sorted by predicted cost, largest first, and gives the batches in the order they should be handed out. Every file must
 * be in exactly one batch; the engine checks that and refuses the plan otherwise.
 */
export interface BatchStrategy {
  readonly name: string
  plan<F extends DiscoveredFile>(files: readonly F[], context: PlanContext): Iterable<readonly F[]>
}

/**
 * Checks a strategy and returns it.
 * @throws {MillraceError} `STRATEGY_INVALID` naming the field at fault.
 */
export function defineBatchStrategy(strategy: BatchStrategy): BatchStrategy {
  const given = strategy as { name?: unknown; plan?: unknown } | null | undefined
  if (typeof given?.name !== 'string' || given.name === '' || typeof given.plan !== 'function') {
    throw new MillraceError(
      'STRATEGY_INVALID',
      `A batch strategy needs a name and a plan function, got name ${String(given?.name)} and plan ${typeof given?.plan}.`,
      { detail: { name: given?.name } },
    )
  }
  return strategy
}

/** A batch costs about a millisecond to hand out and commit, so one that is predicted to take less than this is not worth its own. */
const LEAST_BATCH_MS = 20

/**
 * The default: by predicted cost, factoring. Full batches of cheap files, small ones of dear files, shrinking ones at the
 * end, so that the last workers finish together.
 */
export const costStrategy: BatchStrategy = defineBatchStrategy({
  name: 'cost',
  *plan(files, { workers, batchSize, costs, costAfter }) {
    let start = 0
    for (const end of partition(costs, { workers, maxItems: batchSize, minCost: LEAST_BATCH_MS, costAfter })) {
      yield files.slice(start, end)
      start = end
    }
  },
})
