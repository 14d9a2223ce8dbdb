import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { CostModel } from '@millrace/kernel/learn/cost-model'
import { Dispatcher } from './dispatch/dispatcher.ts'
import type { DeliveredFile, FailedAttempt, QuarantinedFile } from './dispatch/outcome.ts'
import { WorkerSet } from './dispatch/worker-set.ts'
import { type BatchConfig, resolveConfig } from './engine/config.ts'
import { thisMachine } from './engine/machine.ts'
import type { DiscoveredFile } from './file.ts'
import { Backlog, COST_PRIOR } from './plan/backlog.ts'
import type { FileBatch } from './plan/batch-strategy.ts'
import { compilePriority } from './plan/priority.ts'
import { ChildExecutor } from './worker/child-executor.ts'
import type { Executor } from './worker/executor.ts'
import { InProcessExecutor, type ProcessorFunction } from './worker/in-process-executor.ts'

/**
 * What processes a file: a module specifier (`syntax`, `./mine.ts`, a package), which runs isolated in worker processes; or a closure, which
 * runs in this process and is **not isolated**: if it crashes or never returns, so does the caller.
 */
export type BatchProcessor = string | ProcessorFunction

/** How batches are processed without a ledger. */
export interface ProcessBatchOptions extends BatchConfig {
  /** The folder that the files' paths are below. @default the current directory */
  readonly root?: string
  /** @default the system's */
  readonly clock?: Clock
}

/** What one batch came to: every file is in `delivered` or in `quarantined`. */
export interface BatchResult {
  readonly batchId: number
  readonly delivered: readonly DeliveredFile[]
  /** Files that gave no result, each with its reason. */
  readonly quarantined: readonly QuarantinedFile[]
  /** Every try that failed, those that succeeded later included. */
  readonly attempts: readonly FailedAttempt[]
  readonly successCount: number
  readonly failureCount: number
  /** Time the batch has been in a worker, milliseconds. */
  readonly ms: number
}

/** What a set of batches came to. */
export interface BatchExecutionResult {
  /** In the order the batches were given. */
  readonly batches: readonly BatchResult[]
  readonly successCount: number
  readonly failureCount: number
  /** How many files failed with each code. */
  readonly failures: Readonly<Record<string, number>>
  readonly seconds: number
  readonly filesPerSecond: number
  /** Share of the workers' time spent in batches, 0 to 1. */
  readonly utilisation: number
}

/**
 * Forms batches of `files` as the engine would before it has learned anything: by priority, then by predicted cost, largest first.
 *
 * Every file is in exactly one batch. O(n log n); 100,000 files in well under a second.
 * @throws {MillraceError} `OPTION_INVALID`, or `STRATEGY_UNBALANCED` where a custom strategy loses or doubles a file.
 */
export function createOptimalBatches<F extends DiscoveredFile>(
  files: readonly F[],
  config: BatchConfig = {},
): FileBatch<F>[] {
  const { workerCount, maxConcurrentBatches, batchSize, priority, strategy } = resolveConfig(
    config,
    thisMachine(),
    process.cwd(),
  )
  const backlog = new Backlog<F>({
    costs: new CostModel({ prior: COST_PRIOR }),
    priorityOf: compilePriority(priority, systemClock.wallNow()),
    strategy,
    wallNow: () => systemClock.wallNow(),
  })
  return backlog.plan(files, Math.min(workerCount, maxConcurrentBatches), batchSize)
}

/**
 * Processes one batch with one worker, results in memory and not in a ledger. See {@link executeParallelBatches}.
 */
export async function processBatch(
  batch: FileBatch,
  processor: BatchProcessor,
  options: ProcessBatchOptions = {},
): Promise<BatchResult> {
  const { batches } = await executeParallelBatches([batch], 1, processor, options)
  return batches[0]!
}

/**
 * Processes batches with `workerCount` workers, results in memory and not in a ledger: for sets that fit there.
 *
 * A file's failure is its own: it is retried where another try may help, and else stands in `quarantined` with its reason. Batches are handed
 * out by priority, then in the order given.
 * @throws {MillraceError} `OPTION_INVALID`, `BATCH_TWICE`, `PROCESSOR_UNKNOWN` and the like before any work.
 */
export async function executeParallelBatches(
  batches: readonly FileBatch[],
  workerCount: number,
  processor: BatchProcessor,
  options: ProcessBatchOptions = {},
): Promise<BatchExecutionResult> {
  const { root = '.', clock = systemClock, ...batchConfig } = options
  const config = resolveConfig({ ...batchConfig, workerCount }, thisMachine(), process.cwd())
  const results = new Map(batches.map((batch) => [batch.batchId, emptyResult(batch.batchId)]))
  if (results.size < batches.length) {
    throw new MillraceError(
      'BATCH_TWICE',
      'Two of the batches have the same batchId. Give each batch a number of its own.',
    )
  }
  const place = {
    clock,
    root: resolve(root),
    maxFileBytes: config.maxFileBytes,
    deadlineMs: () => config.timeoutSeconds * 1000,
  }
  const createExecutor = (): Executor =>
    typeof processor === 'function'
      ? new InProcessExecutor({ ...place, processor })
      : new ChildExecutor({
          ...place,
          processors: [processor],
          base: process.cwd(),
          heapMb: config.workerHeapMb,
          memoryMb: () => config.workerMemoryMb,
          cpuProfDir: config.cpuProfDir,
          recycleAfterFiles: config.recycleAfterFiles,
          recycleAboveMb: config.recycleAboveMb,
          helperThreads: config.workerCount < availableParallelism(),
        })
  const emit = () => {}
  const dispatcher = new Dispatcher<DiscoveredFile>({
    clock,
    random: Math.random,
    concurrency: Math.min(config.workerCount, config.maxConcurrentBatches),
    workers: new WorkerSet(clock, createExecutor, emit),
    retryAttempts: () => config.retryAttempts,
    checkpointInterval: config.checkpointInterval,
    maxPauseMs: () => config.maxPauseSeconds * 1000,
    commit: async ({ batch, delivered, quarantined, attempts, ms }) => {
      const result = results.get(batch.batchId)!
      result.delivered.push(...delivered)
      result.quarantined.push(...quarantined)
      result.attempts.push(...attempts)
      result.ms = ms
    },
    emit,
  })
  const started = clock.now()
  try {
    dispatcher.enqueue(batches.filter(({ files }) => files.length > 0))
    dispatcher.seal()
    await dispatcher.finished
    const seconds = (clock.now() - started) / 1000
    return summarize([...results.values()], seconds, dispatcher)
  } finally {
    await dispatcher.close()
  }
}

function emptyResult(batchId: number) {
  return {
    batchId,
    delivered: [] as DeliveredFile[],
    quarantined: [] as QuarantinedFile[],
    attempts: [] as FailedAttempt[],
    ms: 0,
  }
}

function summarize(
  results: readonly ReturnType<typeof emptyResult>[],
  seconds: number,
  { workers, slots }: Dispatcher<DiscoveredFile>,
): BatchExecutionResult {
  const failures: Record<string, number> = {}
  let successCount = 0
  let failureCount = 0
  const batches = results.map((result) => {
    for (const { code } of result.quarantined) failures[code] = (failures[code] ?? 0) + 1
    successCount += result.delivered.length
    failureCount += result.quarantined.length
    return { ...result, successCount: result.delivered.length, failureCount: result.quarantined.length }
  })
  return {
    batches,
    successCount,
    failureCount,
    failures,
    seconds,
    filesPerSecond: seconds > 0 ? successCount / seconds : 0,
    utilisation: seconds > 0 ? Math.min(1, workers.busyMs / 1000 / (seconds * slots.max)) : 0,
  }
}
